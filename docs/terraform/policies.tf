# The policies are those of docs/iam, with names filled in. A statement for which
# there is nothing to name is left out; one that names a source bucket, a source
# key or a secret names all of them.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name

  roles = ["scanner", "mover", "restorer", "purger"]

  # Written out, because the key's policy must name the roles and the roles'
  # policies the key.
  role_arns = { for r in local.roles : r => "arn:${local.partition}:iam::${local.account}:role/${var.name}-${r}" }

  names = {
    account_id       = local.account
    region           = local.region
    vault_bucket     = var.vault_bucket
    vault_prefix     = var.vault_prefix
    vault_encryption = local.encryption
    scanner_arn      = local.role_arns.scanner
    mover_arn        = local.role_arns.mover
    restorer_arn     = local.role_arns.restorer
    purger_arn       = local.role_arns.purger
    bus_arn          = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/${coalesce(var.event_bus_name, "none")}"
  }

  encryption = var.mode == "sse-kms" ? "aws:kms" : "AES256"

  combinations = [
    for c in setproduct(
      var.source_buckets, coalescelist(var.source_key_arns, ["none"]), coalescelist(var.secret_arns, ["none"]), coalescelist(var.secret_key_arns, ["none"]),
    ) : { source_bucket = c[0], source_key_arn = c[1], secret_arn = c[2], secret_key_arn = c[3] }
  ]

  left_out = concat(
    length(var.source_key_arns) == 0 ? ["ReadEncryptedObjects", "LeaveEncryptedNotices", "WriteBackEncrypted"] : [],
    var.leave_notices ? [] : ["LeaveNotices", "LeaveEncryptedNotices"],
    length(var.secret_arns) == 0 ? ["FetchSecrets"] : [],
    length(var.secret_key_arns) == 0 ? ["OpenSecrets"] : [],
    var.event_bus_name == null ? ["PutEvents"] : [],
    var.mode == "envelope" ? ["MoverVerifiesThroughVault"] : [],
  )

  documents = ["scanner", "mover", "mover-${var.mode}", "restorer", "restorer-${var.mode}", "purger", "notifier"]

  filled = {
    for d in local.documents : d => [
      for c in local.combinations : jsondecode(replace(
        templatefile("${path.module}/../iam/${d}.json", merge(local.names, c, {
          key_arn       = aws_kms_key.quarantine.arn
          topic_arn     = aws_sns_topic.events.arn
          topic_key_arn = aws_kms_key.messages.arn
        })),
        "arn:aws:", "arn:${local.partition}:",
      ))
    ]
  }

  policies = {
    for d, all in local.filled : d => jsonencode({
      Version = all[0].Version
      Statement = [
        for i, s in all[0].Statement :
        merge(s, { Resource = distinct(flatten([for one in all : one.Statement[i].Resource])) })
        if !contains(local.left_out, s.Sid)
      ]
    })
  }

  attached = {
    for a in concat(
      [for r in local.roles : { role = r, policy = r }],
      [for r in ["mover", "restorer"] : { role = r, policy = "${r}-${var.mode}" }],
      [for r in var.notifying_roles : { role = r, policy = "notifier" }],
    ) : "${a.role}/${a.policy}" => a
  }

  source_policies = {
    for b in var.source_buckets : b => replace(
      templatefile("${path.module}/../iam/source-bucket.json", merge(local.names, { source_bucket = b })),
      "arn:aws:", "arn:${local.partition}:",
    )
  }
}

resource "aws_iam_role" "this" {
  for_each = toset(local.roles)

  name = "${var.name}-${each.key}"
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for s in jsondecode(templatefile("${path.module}/../iam/trust.json", { principal_arn = "", external_id = var.external_id })).Statement :
      merge(s, { Principal = { AWS = var.principals[each.key] } })
    ]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.attached

  name   = each.value.policy
  role   = aws_iam_role.this[each.value.role].id
  policy = local.policies[each.value.policy]
}

resource "aws_s3_bucket_policy" "source" {
  for_each = var.deny_marked ? local.source_policies : {}

  bucket = each.key
  policy = each.value
}
