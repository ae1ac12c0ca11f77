// SPDX-License-Identifier: Apache-2.0
// Reset of an Armv8-M mainline core (M33, M55), instead of that in vectors.S: as start_fpu.S, and the
// core checks the stack limit itself (MSPLIM): an overflow is a fault before it writes into the data
// below.
  .syntax unified
  .thumb
  .section .text.mote_reset, "ax"
  .global mote_reset
  .type mote_reset, %function
  .thumb_func
mote_reset:
  ldr r0, =mote_stack_low
  msr msplim, r0
  ldr r0, =0xE000ED88
  ldr r1, [r0]
  orr r1, r1, #0x00F00000
  str r1, [r0]
  dsb
  isb
  b mote_start
  .pool
  .size mote_reset, . - mote_reset

// Whether the fault was the stack limit (CFSR.STKOF, Armv8-M ARM D1.2.261).
  .section .text.mote_stack_limit_fault, "ax"
  .global mote_stack_limit_fault
  .type mote_stack_limit_fault, %function
  .thumb_func
mote_stack_limit_fault:
  ldr r0, =0xE000ED28
  ldr r0, [r0]
  ubfx r0, r0, #20, #1
  bx lr
  .pool
  .size mote_stack_limit_fault, . - mote_stack_limit_fault
