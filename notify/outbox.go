package notify

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Outbox keeps events and, for each channel, what became of them. What it has
// done survives a crash. It is safe for concurrent use, also by several
// dispatchers. Times are the caller's, whose clock may jump.
type Outbox interface {
	// Subscribe makes channels known. The first ones get all events that there
	// are; one that is added later gets what happens from then on.
	Subscribe(ctx context.Context, subscriptions ...Subscription) error

	// Waiting gives the groups of events of a channel that are in no message
	// yet. Of the messages that were made of such a group before, it counts
	// those made after from and not after to.
	Waiting(ctx context.Context, channel string, from, to time.Time) ([]Group, error)

	// Compose puts the events of a group, up to its Last, into messages that are due
	// at once: one message for all, or one for each.
	Compose(ctx context.Context, g Group, digest bool, now time.Time) error

	// Claim gives a message that is due to the caller, and to nobody else
	// before the lease ends. ok is false if there is none.
	Claim(ctx context.Context, c Claim) (p Parcel, ok bool, err error)

	// Events gives the events of a message, in the order in which they came.
	Events(ctx context.Context, p Parcel) iter.Seq2[Event, error]

	// Settle records what became of a message that the caller has claimed.
	// ErrLost: it is not the caller's any more.
	Settle(ctx context.Context, p Parcel, o Outcome) error

	// Left counts what a channel has not been told.
	Left(ctx context.Context, channel string) (Left, error)
}

// ErrLost says that the lease of a message ended before the message was
// settled. Somebody else may send it again, with the same key.
var ErrLost = errors.New("the lease on the message has ended")

// Subscription says which events a channel gets.
type Subscription struct {
	Channel     string
	Kinds       []Kind // none: all
	MinSeverity string // of those that have one; failures are told whatever they have
	Urgent      string // what has at least this severity is urgent; "": only failures are
}

// Group is the events of one kind that a channel has not been told.
type Group struct {
	Channel string
	Run     int64 // 0 if they are of several
	Kind    Kind
	Urgent  bool // not held back in quiet hours

	Events int64
	Last   int64 // the number of the newest, in the outbox

	// Of messages that were made lately:
	Told   int64     // events in them
	Oldest time.Time // when the first one was made; zero: there is none
	Digest bool      // whether one is a digest
}

// Claim says which message is wanted.
type Claim struct {
	Channel string
	Now     time.Time
	Lease   time.Duration

	// Horizon is the longest that a message may have to wait. One that is due
	// later than that was put off by a clock that was wrong, and is due now.
	Horizon time.Duration

	// HeldSince, if not zero, wants only urgent messages and those that were
	// made at this time or before.
	HeldSince time.Time
}

// Parcel is a message on its way.
type Parcel struct {
	ID       int64
	Holder   string // of the lease
	Channel  string
	Key      string
	Run      int64
	Kind     Kind
	Digest   bool
	Events   int64
	Attempts int // this one is counted
	Made     time.Time
}

// State of a message.
type State string

const (
	Due  State = "due"  // is to be sent
	Sent State = "sent" // the receiver has taken it
	Dead State = "dead" // given up; somebody may ask for it to be sent again
)

// Outcome is what became of a message.
type Outcome struct {
	State State
	Due   time.Time // if it is to be sent again
	At    time.Time // now
	Error string    // why it was not taken
}

// Left is what a channel has not been told.
type Left struct {
	Waiting int64     // events in no message
	Due     int64     // messages
	Dead    int64     // messages that were given up
	Next    time.Time // when the first message that is due is to be tried; zero: there is none
	Urgent  time.Time // the same of urgent ones
}
