// SPDX-License-Identifier: Apache-2.0
// Vector table of a Cortex-M whose interrupts all stay disabled: stack, reset, and every system
// exception to mote_fault_entry. The fault handler starts on a fresh stack, because the old one may
// be what failed; the stack pointer at the fault is its first argument. Reset and the question for a
// stack limit are weak: as they stand here they suit a core without floating-point unit and without
// limit (M0, M0+, M3); start_fpu.S and start_limit.S replace them.
  .syntax unified
  .thumb
  .section .vectors, "a"
  .global mote_vectors
mote_vectors:
  .word mote_stack_top
  .word mote_reset
  .rept 14
  .word mote_fault_entry
  .endr
  .size mote_vectors, . - mote_vectors

// Straight to the C start-up; a plain branch would not reach it on Armv6-M.
  .section .text.mote_reset, "ax"
  .weak mote_reset
  .type mote_reset, %function
  .thumb_func
mote_reset:
  ldr r0, =mote_start
  bx r0
  .pool
  .size mote_reset, . - mote_reset

// This core does not check a stack limit.
  .section .text.mote_stack_limit_fault, "ax"
  .weak mote_stack_limit_fault
  .type mote_stack_limit_fault, %function
  .thumb_func
mote_stack_limit_fault:
  movs r0, #0
  bx lr
  .size mote_stack_limit_fault, . - mote_stack_limit_fault

  .section .text.mote_fault_entry, "ax"
  .global mote_fault_entry
  .type mote_fault_entry, %function
  .thumb_func
mote_fault_entry:
  mov r0, sp
  ldr r1, =mote_stack_top
  mov sp, r1
  ldr r1, =mote_fault
  bx r1
  .pool
  .size mote_fault_entry, . - mote_fault_entry

// The stack pointer of the caller (StackRange::pointer): a leaf that uses no stack itself.
  .section .text.mote_stack_pointer, "ax"
  .global mote_stack_pointer
  .type mote_stack_pointer, %function
  .thumb_func
mote_stack_pointer:
  mov r0, sp
  bx lr
  .size mote_stack_pointer, . - mote_stack_pointer

// A call of the debugger or emulator: operation and arguments as they came (Semihosting 2.0, 3.4).
  .section .text.mote_semihosting_call, "ax"
  .global mote_semihosting_call
  .type mote_semihosting_call, %function
  .thumb_func
mote_semihosting_call:
  bkpt 0xab
  bx lr
  .size mote_semihosting_call, . - mote_semihosting_call
