"""What Pulumi builds: the components of the cloud and the Incus provider they use."""
