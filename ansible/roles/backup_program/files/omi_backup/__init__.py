"""Backups that are restored and compared, not just made. Runs on the stores and on the file host; stdlib only.

``omi-backup VERB`` (:mod:`omi_backup.__main__`) is what the timers start. Each job leaves what it found in
/var/lib/omi/backup/<job>.json (:mod:`omi_backup.record`); the check reads those and decides
(:mod:`omi_backup.verdict`).
"""
