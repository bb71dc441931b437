"""What each alert means and what to do, for the person on duty, in English and Japanese."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """For people, in English and Japanese."""

    en: str
    ja: str


class Advice(NamedTuple):
    """What an alert means, and what to do."""

    meaning: Words
    action: Words


ADVICE = {
    "Watchdog": Advice(
        Words(
            "Always on: that it is missing means that the rules are not looked at.",
            "常時発報。これが無いときは、警報の判定そのものが止まっている。",
        ),
        Words(
            "Nothing.",
            "対応不要。",
        ),
    ),
    "MonitorDown": Advice(
        Words(
            "The other center's monitor does not answer.",
            "もう一方のセンターの監視サーバーが応答しない。",
        ),
        Words(
            "See whether that center answers at all; if it does, restart its prometheus.service.",
            "センター全体が応答するか確かめ、応答するなら prometheus.service を再起動する。",
        ),
    ),
    "HostDown": Advice(
        Words(
            "A host does not answer its monitor.",
            "サーバーが監視に応答しない。",
        ),
        Words(
            "Start it. An edge router or a database has a fellow that has taken over: make sure of that first.",
            "起動する。境界ルーター・データベースは相手側が引き継いでいるはずなので、まずそれを確かめる。",
        ),
    ),
    "LineDown": Advice(
        Words(
            "A line, a replication leg or the way between edge routers is dead; the other carries all.",
            "回線（市・複製・境界ルーター間）が断。もう一方の回線だけで通信している。",
        ),
        Words(
            "Tell the carrier; nothing else may be switched off on the other line until it is repaired.",
            "通信事業者に連絡する。復旧まで、残った回線側の作業は行わない。",
        ),
    ),
    "BfdFlapping": Advice(
        Words(
            "A line keeps going and coming back.",
            "回線が断と復旧を繰り返している。",
        ),
        Words(
            "Shut its interface on the edge router, so that the other line carries all, and tell the carrier.",
            "境界ルーターで当該回線を閉塞してもう一方に寄せ、通信事業者に連絡する。",
        ),
    ),
    "DatabaseWithoutPrimary": Advice(
        Words(
            "No database takes writes: no city can work.",
            "書き込めるデータベースが無い。全市の業務が止まっている。",
        ),
        Words(
            "Within a minute the cluster helps itself. Then: is the data center lost? Decide (docs/runbooks).",
            "1分以内なら自動で切り替わる。続く場合はデータセンターの喪失かを判断し、手順書（docs/runbooks）に従う。",
        ),
    ),
    "TwoPrimaries": Advice(
        Words(
            "Two databases take writes: what they hold diverges.",
            "主データベースが二つある。データが食い違っていく。",
        ),
        Words(
            "Stop patroni.service in the center that was not decided for, at once.",
            "業務を続けると決めていない側のセンターの patroni.service を直ちに止める。",
        ),
    ),
    "DatabaseUnprotected": Advice(
        Words(
            "A copy of the databases is missing: the second node or the other center does not follow.",
            "データベースの複製が欠けている（第二ノード、またはもう一方のセンターが追従していない）。",
        ),
        Words(
            "`patronictl list` on a database host says who is missing; start it.",
            "データベースサーバーで patronictl list を実行し、欠けているノードを起動する。",
        ),
    ),
    "DatabaseRestarted": Advice(
        Words(
            "A database began anew; this stands for 90 seconds. The cities may have waited, and nothing is lost.",
            "データベースが再起動した（90秒間表示）。各市の処理が待たされた可能性があるが、データは失われていない。",
        ),
        Words(
            "If nobody did it, its log says why: `journalctl -u patroni` on that host.",
            "意図した再起動でなければ、当該サーバーの journalctl -u patroni で原因を確かめる。",
        ),
    ),
    "ReplicationLag": Advice(
        Words(
            "A node is behind by more than half of what a disaster may lose.",
            "複製の遅れが、災害時に許される損失時間の半分を超えた。",
        ),
        Words(
            "See the replication leg (LineDown?) and its load; large copies go into the class bulk.",
            "複製回線の断（LineDown）と負荷を確かめる。大きな転送は bulk クラスに入れる。",
        ),
    ),
    "DiskFull": Advice(
        Words(
            "A volume is nearly full.",
            "ボリュームの空きがほとんど無い。",
        ),
        Words(
            "Make room. For the databases' log: why is it kept? A standby or the archive does not fetch it.",
            "空きを作る。データベースのログ領域なら、取りに来ない待機系またはアーカイブを直す。",
        ),
    ),
    "BackupOld": Advice(
        Words(
            "There is no backup young enough, or nobody has checked.",
            "十分に新しいバックアップが無い、または確認が行われていない。",
        ),
        Words(
            "`omi-backup check` on the store says which; then `omi-backup backup` there, by day if need be.",
            "保管サーバーで omi-backup check を見て、日中でも omi-backup backup を実行する。",
        ),
    ),
    "BackupDamaged": Advice(
        Words(
            "A backup cannot be verified or restored.",
            "バックアップの検証または復元に失敗した。",
        ),
        Words(
            "Make a full backup now, then find the bad disk: `omi-backup check` names the files.",
            "直ちに完全バックアップを取り、omi-backup check が示すファイルのディスクを調べる。",
        ),
    ),
    "ArchiveGap": Advice(
        Words(
            "The archive of the databases' log has a gap: no moment after it can be restored.",
            "ログのアーカイブに欠落がある。それ以降の時点には復元できない。",
        ),
        Words(
            "`omi-backup put-back` on the store; if that finds nothing, a full backup closes the gap from now on.",
            "保管サーバーで omi-backup put-back を実行。戻らなければ完全バックアップを取る。",
        ),
    ),
    "CertificateExpiring": Advice(
        Words(
            "A certificate ends soon and was not renewed.",
            "証明書の期限が近いのに更新されていない。",
        ),
        Words(
            "`certificate-renew` on the host says why; the playbook renews what the service cannot.",
            "そのサーバーで certificate-renew を実行して理由を見る。直らなければ playbook で更新する。",
        ),
    ),
    "CityCertificateExpired": Advice(
        Words(
            "A city comes to the CS servers with a certificate that has ended, and is refused.",
            "市が期限切れの証明書でCSサーバーに接続し、拒否されている。",
        ),
        Words(
            "`certificate-renew` on that city's terminals says why; the playbook renews what the service cannot.",
            "その市の端末で certificate-renew を実行して理由を見る。直らなければ playbook で更新する。",
        ),
    ),
    "CsServerLost": Advice(
        Words(
            "One of the CS servers does not serve: the other one has the address, and no fellow.",
            "CSサーバーの1台が応答しない。もう1台が引き継いでいるが、予備が無い。",
        ),
        Words(
            "Start it, or its omi-cs, nginx and keepalived; it interrupts nobody when it returns.",
            "サーバー、または omi-cs・nginx・keepalived を起動する。復帰しても業務は中断しない。",
        ),
    ),
    "PoolFull": Advice(
        Words(
            "The sessions of a proxy are nearly used up.",
            "プロキシの接続枠がほとんど埋まっている。",
        ),
        Words(
            "Who holds them? `omi policy show` says who may; raise the limit only if the work is real.",
            "どこからの接続かを調べる。正当な業務量であるときだけ上限を上げる。",
        ),
    ),
    "DesktopsFull": Advice(
        Words(
            "The places of the session hosts are nearly used up: soon nobody new gets a desktop.",
            "セッションホストの席がほとんど埋まっている。まもなく新しいサインインができなくなる。",
        ),
        Words(
            "Return a host that is drained (ansible/return-desktop-host.yml); else declare another one (role desk).",
            "計画停止中のホストがあれば戻す（ansible/return-desktop-host.yml）。無ければ台数（role desk）を増やす。",
        ),
    ),
    "DesktopHostLost": Advice(
        Words(
            "A session host takes nobody: its people are on the others now, with their profiles as last saved.",
            "セッションホストが接続を受け付けない。利用者は最後に保存されたプロファイルで他のホストに移っている。",
        ),
        Words(
            "Start it, or its xrdp.service and desktop-agent.service; nobody has to be told to sign in again.",
            "ホスト、または xrdp.service と desktop-agent.service を起動する。利用者の操作は不要。",
        ),
    ),
    "ServiceDown": Advice(
        Words(
            "A service of a host that answers does not run.",
            "サーバーは応答するが、サービスが動いていない。",
        ),
        Words(
            "`systemctl status NAME` and `journalctl -u NAME` on the host, then restart it; "
            "`systemctl --failed` names another unit.",
            "そのサーバーで systemctl status と journalctl -u を見て、再起動する。"
            "another unit の名前は systemctl --failed で分かる。",
        ),
    ),
    "ReadingsOld": Advice(
        Words(
            "Nobody reads any more how a host's lines, its volumes or its CS service are.",
            "回線・ボリューム・CSサービスの状態の読み取りが止まっている。",
        ),
        Words(
            "Restart routing-metrics, volume-metrics or cs-metrics.service there, whichever it has.",
            "そのサーバーにある routing-metrics・volume-metrics・cs-metrics の service を再起動する。",
        ),
    ),
}
"""By the alert's name."""
