provider "aws" {
  region = "eu-central-1"
}

module "sluice" {
  source = "../"

  source_buckets = ["example-customer-uploads", "example-exports"]
  vault_bucket   = "example-quarantine"
  mode           = "envelope"
  object_lock    = { mode = "GOVERNANCE", days = 30 }
  external_id    = "example-7f3a"

  principals = {
    scanner  = ["arn:aws:iam::111122223333:role/scan-host"]
    mover    = ["arn:aws:iam::111122223333:role/scan-host"]
    restorer = ["arn:aws:iam::111122223333:role/security"]
    purger   = ["arn:aws:iam::111122223333:role/security-lead"]
  }
}

output "role_arns" {
  value = module.sluice.role_arns
}
