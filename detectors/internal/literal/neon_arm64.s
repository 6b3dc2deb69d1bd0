//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// LOOK turns bytes in X into the buckets that have them at a position: LOW and
// HIGH are its tables.
#define LOOK(X, LOW, HIGH) \
	VUSHR $4, X.B16, V12.B16 \
	VAND  V24.B16, X.B16, X.B16 \
	VTBL  X.B16, [LOW.B16], X.B16 \
	VTBL  V12.B16, [HIGH.B16], V12.B16 \
	VAND  V12.B16, X.B16, X.B16

// POSITION does away with the buckets in V8 to V11 that do not have the 64
// bytes at R1+AT at a position.
#define POSITION(AT, LOW, HIGH) \
	ADD  $AT, R1, R5 \
	VLD1 (R5), [V0.B16, V1.B16, V2.B16, V3.B16] \
	LOOK(V0, LOW, HIGH) \
	LOOK(V1, LOW, HIGH) \
	LOOK(V2, LOW, HIGH) \
	LOOK(V3, LOW, HIGH) \
	VAND V0.B16, V8.B16, V8.B16 \
	VAND V1.B16, V9.B16, V9.B16 \
	VAND V2.B16, V10.B16, V10.B16 \
	VAND V3.B16, V11.B16, V11.B16

// func markNibblesNEON(words []uint64, text []byte, where []uint64, t *nibbles)
TEXT ·markNibblesNEON(SB), NOSPLIT, $0-80
	MOVD words_base+0(FP), R0
	MOVD words_len+8(FP), R3
	MOVD text_base+24(FP), R1
	MOVD where_base+48(FP), R2
	MOVD t+72(FP), R4
	ADD  $nibbles_low, R4, R5
	VLD1 (R5), [V16.B16, V17.B16, V18.B16, V19.B16]
	ADD  $nibbles_high, R4, R5
	VLD1 (R5), [V20.B16, V21.B16, V22.B16, V23.B16]
	MOVD $0x0f0f0f0f0f0f0f0f, R5
	VDUP R5, V24.D2
	MOVD $0x8040201008040201, R5 // one bit for each of eight bytes
	VDUP R5, V25.D2
	CBZ  R3, done
loop:
	MOVD $-1, R6
	CBZ  R2, look
	MOVD.P 8(R2), R6
	CBZ  R6, store
look:
	VMOVI $255, V8.B16
	VMOVI $255, V9.B16
	VMOVI $255, V10.B16
	VMOVI $255, V11.B16
	POSITION(0, V16, V20)
	POSITION(1, V17, V21)
	POSITION(2, V18, V22)
	POSITION(3, V19, V23)

	// All ones where a bucket is left, cut to the bit of the place; three sums
	// of neighbours make 64 bits of 64 bytes.
	VCMTST V8.B16, V8.B16, V8.B16
	VCMTST V9.B16, V9.B16, V9.B16
	VCMTST V10.B16, V10.B16, V10.B16
	VCMTST V11.B16, V11.B16, V11.B16
	VAND   V25.B16, V8.B16, V8.B16
	VAND   V25.B16, V9.B16, V9.B16
	VAND   V25.B16, V10.B16, V10.B16
	VAND   V25.B16, V11.B16, V11.B16
	VADDP  V9.B16, V8.B16, V8.B16
	VADDP  V11.B16, V10.B16, V10.B16
	VADDP  V10.B16, V8.B16, V8.B16
	VADDP  V8.B16, V8.B16, V8.B16
	VMOV   V8.D[0], R7
	AND    R7, R6
store:
	MOVD.P R6, 8(R0)
	ADD    $64, R1
	SUB    $1, R3
	CBNZ   R3, loop
done:
	RET
