package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Sender is a channel: it shows messages to people or hands them to a program.
// It is safe for concurrent use.
type Sender interface {
	// Send returns nil if the receiver has taken the message. Otherwise the
	// message will be sent again, unless the error is, or wraps, a
	// [SendError] that says that this is of no use. Errors hold neither
	// credentials nor content.
	Send(ctx context.Context, m Message) error
}

// SendError says what is to be done with a message that was not taken. Any other
// error is like the zero SendError.
type SendError struct {
	Err error

	// Permanent: the same message would fail again.
	Permanent bool

	// Refused: the credential was not accepted, nor one that was fetched anew.
	Refused bool

	// RetryAfter is when the receiver wants to be asked again, 0 if it does
	// not say. Until then, nothing else is sent through this channel.
	RetryAfter time.Duration
}

func (e *SendError) Error() string { return e.Err.Error() }
func (e *SendError) Unwrap() error { return e.Err }

// Permanent says that sending again is of no use.
func Permanent(err error) error { return &SendError{Err: err, Permanent: true} }

// Secret is a credential that is kept elsewhere, and may be changed there at any
// time. It is safe for concurrent use.
type Secret interface {
	// Get returns the credential, in bytes that belong to the caller.
	Get(ctx context.Context) ([]byte, error)

	// Refresh returns the credential as it is now, after this one was
	// refused. changed is false if it is still the same one.
	Refresh(ctx context.Context, refused []byte) (fresh []byte, changed bool, err error)
}

// WithSecret has do use a credential and, where that is refused, fetches it anew
// and has do use it once more if it has changed. do must not keep it: it is
// wiped. what is its name in errors.
func WithSecret(ctx context.Context, s Secret, what string, do func(value []byte) (refused bool, err error)) error {
	value, err := s.Get(ctx)
	if err != nil {
		return fmt.Errorf("get the %s: %w", what, err)
	}
	defer func() { clear(value) }()
	refused, err := do(value)
	if !refused {
		return err
	}
	fresh, changed, failed := s.Refresh(ctx, value)
	clear(value)
	value = fresh
	if failed != nil {
		return fmt.Errorf("%w; and to fetch the %s anew failed: %w", err, what, failed)
	}
	if changed {
		_, err = do(value)
	}
	return err
}

// asSendError returns what err says about sending again.
func asSendError(err error) SendError {
	if s, ok := errors.AsType[*SendError](err); ok {
		return *s
	}
	return SendError{Err: err}
}
