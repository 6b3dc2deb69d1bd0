resource "aws_kms_key" "quarantine" {
  description             = "Wraps and encrypts what sluice put into quarantine"
  enable_key_rotation     = true
  deletion_window_in_days = var.key_deletion_days
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for s in jsondecode(replace(
        templatefile("${path.module}/../iam/vault-key.json", local.names),
        "arn:aws:", "arn:${local.partition}:",
      )).Statement : s if !contains(local.left_out, s.Sid)
    ]
  })
}

resource "aws_kms_alias" "quarantine" {
  name          = "alias/${var.name}-quarantine"
  target_key_id = aws_kms_key.quarantine.key_id
}

resource "aws_s3_bucket" "vault" {
  bucket              = var.vault_bucket
  object_lock_enabled = var.object_lock != null
  tags                = var.tags
}

resource "aws_s3_bucket_versioning" "vault" {
  bucket = aws_s3_bucket.vault.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "vault" {
  count = var.object_lock == null ? 0 : 1

  bucket     = aws_s3_bucket.vault.id
  depends_on = [aws_s3_bucket_versioning.vault]

  rule {
    default_retention {
      mode = var.object_lock.mode
      days = var.object_lock.days
    }
  }
}

resource "aws_s3_bucket_public_access_block" "vault" {
  bucket = aws_s3_bucket.vault.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "vault" {
  bucket = aws_s3_bucket.vault.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# In envelope mode the bytes are encrypted under the quarantine's key before they
# are sent. If S3 encrypted them under it once more, the mover would need
# kms:Decrypt for its uploads in parts.
resource "aws_s3_bucket_server_side_encryption_configuration" "vault" {
  bucket = aws_s3_bucket.vault.id

  rule {
    bucket_key_enabled = var.mode == "sse-kms"

    apply_server_side_encryption_by_default {
      sse_algorithm     = local.encryption
      kms_master_key_id = var.mode == "sse-kms" ? aws_kms_key.quarantine.arn : null
    }
  }
}

# What a broken upload leaves is invisible and costs money. Nothing else expires.
resource "aws_s3_bucket_lifecycle_configuration" "vault" {
  bucket     = aws_s3_bucket.vault.id
  depends_on = [aws_s3_bucket_versioning.vault]

  rule {
    id     = "broken-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_policy" "vault" {
  bucket     = aws_s3_bucket.vault.id
  depends_on = [aws_s3_bucket_public_access_block.vault]

  policy = replace(
    templatefile("${path.module}/../iam/vault-bucket.json", merge(local.names, { key_arn = aws_kms_key.quarantine.arn })),
    "arn:aws:", "arn:${local.partition}:",
  )
}
