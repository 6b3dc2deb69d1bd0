package export

import (
	"io"
	"iter"
	"strconv"

	"github.com/sluice-dlp/sluice/quarantine"
)

// MoveRecord is one move into quarantine as exported.
type MoveRecord struct {
	Move string `json:"move"` // its id
	identity
	Size     int64            `json:"size"`   // bytes; -1 if unknown
	Action   string           `json:"action"` // what policy wants: tag, copy, move, move+stub
	State    string           `json:"state"`  // how far that is done
	Reason   string           `json:"reason"` // a reason code; "" if nothing is wrong
	Error    string           `json:"error"`  // the same in words
	Attempts int              `json:"attempts"`
	Approved string           `json:"approved"` // by whom
	Policy   string           `json:"policy_rule"`
	Severity string           `json:"severity"`
	Counts   map[string]int64 `json:"counts"` // values found, by detector

	Mode    string `json:"mode"`    // how it lies in the vault: sse-kms, envelope
	Removal string `json:"removal"` // how it is removed: version, marker, copies

	Vault        string `json:"vault"`         // URI of what lies there; "" if nothing does
	VaultVersion string `json:"vault_version"` // of it, if the vault has versions
	KeyID        string `json:"key_id"`        // of the key that encrypts it
	SHA256       string `json:"sha256"`        // of the object's bytes, hexadecimal; "" if not known
	CRC64NVME    string `json:"crc64nvme"`     // of the object's bytes, base64

	Marker          string `json:"delete_marker"`    // left in the bucket
	ReturnedETag    string `json:"returned_etag"`    // of what was restored
	ReturnedVersion string `json:"returned_version"` // likewise
	PlannedAt       string `json:"planned_at"`       // RFC 3339, UTC
	ChangedAt       string `json:"changed_at"`       // of State
	Run             int64  `json:"run"`              // the scan that read it
	LeftToDo        bool   `json:"left_to_do"`       // sluice quarantine run would go on with it
	InVault         bool   `json:"in_vault"`
}

// Moves writes moves to w. Otherwise it is as [Findings].
func Moves(w io.Writer, o Options, seq iter.Seq2[quarantine.Move, error]) error {
	return write(w, o, seq, o.Names.Move, moves)
}

// Move is the record of a move.
func (n Names) Move(m quarantine.Move) MoveRecord {
	r := MoveRecord{
		Move: m.ID, identity: n.identity(m.Object), Size: m.Object.Size,
		Action: string(m.Action), State: string(m.State), Reason: text(m.Reason), Error: text(n.detail(m.Error)), Attempts: m.Attempts,
		Approved: text(m.Approved), Policy: text(m.Why.Rule), Severity: m.Why.Severity, Counts: orEmpty(m.Why.Counts),
		Mode: string(m.Mode), Removal: string(m.Removal), KeyID: text(m.KeyID), SHA256: m.SHA256, CRC64NVME: m.CRC64,
		Marker: text(m.Marker), ReturnedETag: text(m.Returned.ETag), ReturnedVersion: text(m.Returned.VersionID),
		PlannedAt: timestamp(m.PlannedAt), ChangedAt: timestamp(m.ChangedAt), Run: m.Run,
		LeftToDo: m.Open(), InVault: m.InVault(),
	}
	if m.InVault() {
		r.Vault, r.VaultVersion = text("s3://"+m.Vault.Bucket+"/"+m.Vault.Key), text(m.Vault.VersionID)
	}
	return r
}

// MoveWriter writes moves as they come. It is used by one goroutine at a time.
type MoveWriter struct {
	enc   encoder[MoveRecord]
	names Names
}

// NewMoveWriter makes a writer to w.
func NewMoveWriter(w io.Writer, o Options) (*MoveWriter, error) {
	enc, err := newEncoder(w, o, moves)
	if err != nil {
		return nil, err
	}
	return &MoveWriter{enc, o.Names}, nil
}

// Write writes one move, through to the underlying writer.
func (w *MoveWriter) Write(m quarantine.Move) error {
	if err := w.enc.encode(w.names.Move(m)); err != nil {
		return err
	}
	return w.enc.flush()
}

var moves = layout[MoveRecord]{appendRecord[MoveRecord], moveColumns}

// shownID is how much of an id tables show: enough to name the move.
const shownID = 12

var moveColumns = []column[MoveRecord]{
	{title: "move", cell: func(r *MoveRecord) string { return r.Move }},
	{heading: "MOVE", cell: func(r *MoveRecord) string { return r.Move[:min(shownID, len(r.Move))] }},
	{title: "bucket", cell: func(r *MoveRecord) string { return r.Bucket }},
	{title: "key", cell: func(r *MoveRecord) string { return r.Key }},
	{title: "key_base64", cell: func(r *MoveRecord) string { return exact(r.written) }},
	{title: "version_id", cell: func(r *MoveRecord) string { return r.VersionID }},
	{title: "etag", cell: func(r *MoveRecord) string { return r.ETag }},
	{title: "size", heading: "SIZE", number: true, cell: func(r *MoveRecord) string { return decimal(r.Size) }},
	{title: "action", heading: "ACTION", cell: func(r *MoveRecord) string { return r.Action }},
	{title: "state", heading: "STATE", cell: func(r *MoveRecord) string { return r.State }},
	{title: "reason", heading: "REASON", cell: func(r *MoveRecord) string { return r.Reason }},
	{title: "error", cell: func(r *MoveRecord) string { return r.Error }},
	{title: "attempts", number: true, cell: func(r *MoveRecord) string { return decimal(int64(r.Attempts)) }},
	{title: "approved", heading: "APPROVED BY", cell: func(r *MoveRecord) string { return r.Approved }},
	{title: "policy_rule", heading: "RULE", cell: func(r *MoveRecord) string { return r.Policy }},
	{title: "severity", cell: func(r *MoveRecord) string { return r.Severity }},
	{title: "counts", cell: func(r *MoveRecord) string { return tally(r.Counts) }},
	{heading: "FOUND", elastic: true, cell: func(r *MoveRecord) string { return most(r.Counts) }},
	{heading: "OBJECT", elastic: true, cell: func(r *MoveRecord) string { return r.Bucket + "/" + r.Key }},
	{title: "mode", cell: func(r *MoveRecord) string { return r.Mode }},
	{title: "removal", cell: func(r *MoveRecord) string { return r.Removal }},
	{title: "vault", cell: func(r *MoveRecord) string { return r.Vault }},
	{title: "vault_version", cell: func(r *MoveRecord) string { return r.VaultVersion }},
	{title: "key_id", cell: func(r *MoveRecord) string { return r.KeyID }},
	{title: "sha256", cell: func(r *MoveRecord) string { return r.SHA256 }},
	{title: "crc64nvme", cell: func(r *MoveRecord) string { return r.CRC64NVME }},
	{title: "delete_marker", cell: func(r *MoveRecord) string { return r.Marker }},
	{title: "returned_etag", cell: func(r *MoveRecord) string { return r.ReturnedETag }},
	{title: "returned_version", cell: func(r *MoveRecord) string { return r.ReturnedVersion }},
	{title: "planned_at", cell: func(r *MoveRecord) string { return r.PlannedAt }},
	{title: "changed_at", cell: func(r *MoveRecord) string { return r.ChangedAt }},
	{title: "run", number: true, cell: func(r *MoveRecord) string { return decimal(r.Run) }},
	{title: "left_to_do", cell: func(r *MoveRecord) string { return strconv.FormatBool(r.LeftToDo) }},
	{title: "in_vault", cell: func(r *MoveRecord) string { return strconv.FormatBool(r.InVault) }},
}
