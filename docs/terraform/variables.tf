variable "name" {
  description = "What the names of roles, keys, the topic and the queues begin with."
  type        = string
  default     = "sluice"
}

variable "source_buckets" {
  description = "Names of the buckets to sweep."
  type        = list(string)

  validation {
    condition     = length(var.source_buckets) > 0
    error_message = "Name at least one bucket."
  }
}

variable "source_key_arns" {
  description = "KMS keys that objects of the source buckets are encrypted under. Without any, no role may use any key but the quarantine's."
  type        = list(string)
  default     = []
}

variable "vault_bucket" {
  description = "Name of the bucket to make for the quarantine."
  type        = string

  validation {
    condition     = !contains(var.source_buckets, var.vault_bucket)
    error_message = "The quarantine must not lie in a bucket that is swept."
  }
}

variable "vault_prefix" {
  description = "What all keys in the vault begin with: \"\", or ending in a slash."
  type        = string
  default     = ""

  validation {
    condition     = var.vault_prefix == "" || endswith(var.vault_prefix, "/")
    error_message = "A prefix ends in a slash."
  }
}

variable "mode" {
  description = "How objects lie in the vault. sse-kms: copied by S3, which encrypts them under the quarantine's key. envelope: sealed on the mover's host under data keys that the quarantine's key wraps; the mover cannot open what it sealed."
  type        = string
  default     = "sse-kms"

  validation {
    condition     = contains(["sse-kms", "envelope"], var.mode)
    error_message = "The mode is sse-kms or envelope."
  }
}

variable "object_lock" {
  description = "Retention of every object version in the vault; null for a vault without Object Lock. It can only be chosen when the bucket is made. Nobody can purge before the days are over: not the purger in either mode."
  type = object({
    mode = string
    days = number
  })
  default = null

  validation {
    condition     = var.object_lock == null || try(contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock.mode), false)
    error_message = "The mode is GOVERNANCE or COMPLIANCE."
  }
}

variable "principals" {
  description = "Who may assume each role: ARNs of roles or users. Give the restorer and the purger to people, not to the hosts that scan."
  type = object({
    scanner  = list(string)
    mover    = list(string)
    restorer = list(string)
    purger   = list(string)
  })
}

variable "external_id" {
  description = "What must be said to assume a role: --external-id of sluice."
  type        = string

  validation {
    condition     = length(var.external_id) >= 2
    error_message = "An external id has two characters or more."
  }
}

variable "notifying_roles" {
  description = "Roles that may publish to the topic and the event bus and fetch the secrets. The command that finds messages waiting in the ledger sends them."
  type        = set(string)
  default     = ["scanner", "mover", "restorer", "purger"]
}

variable "secret_arns" {
  description = "Secrets that sluice may fetch: webhook URLs, tokens. A trailing \"-*\" stands for the suffix that Secrets Manager adds."
  type        = list(string)
  default     = []
}

variable "secret_key_arns" {
  description = "KMS keys that those secrets are encrypted under, other than the one of Secrets Manager."
  type        = list(string)
  default     = []
}

variable "event_bus_name" {
  description = "EventBridge bus that sluice may put events on; null for none."
  type        = string
  default     = null
}

variable "leave_notices" {
  description = "Let the mover write into the source buckets, where nothing is: the notices of the action move+stub."
  type        = bool
  default     = false
}

variable "deny_marked" {
  description = "Set the bucket policy of the source buckets to the two statements that hide objects which should be in quarantine and could not be removed. This takes the place of a policy that a bucket has: leave it false there, and add the statements of the output source_bucket_policies to that policy."
  type        = bool
  default     = false
}

variable "key_deletion_days" {
  description = "How long a deleted key can still be had back: 7 to 30."
  type        = number
  default     = 30
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}
