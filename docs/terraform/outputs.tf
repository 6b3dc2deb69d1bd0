output "role_arns" {
  description = "ARN of each role, for --role-arn."
  value       = { for r in local.roles : r => aws_iam_role.this[r].arn }
}

output "vault_bucket" {
  description = "Name of the vault."
  value       = aws_s3_bucket.vault.id
}

output "key_arn" {
  description = "ARN of the quarantine's key."
  value       = aws_kms_key.quarantine.arn
}

output "topic_arn" {
  description = "ARN of the topic that events are published to."
  value       = aws_sns_topic.events.arn
}

output "queue_url" {
  description = "URL of the queue that keeps the topic's messages."
  value       = aws_sqs_queue.events.id
}

output "source_bucket_policies" {
  description = "By source bucket, the policy that hides marked objects from everybody but the scanner, the mover and the restorer."
  value       = local.source_policies
}
