"""The reference service that stands where the vendor's standard business system goes."""
