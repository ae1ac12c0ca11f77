// SPDX-License-Identifier: Apache-2.0
// Reset of a core without floating-point unit (M0, M0+, M3): straight to the C start-up.
  .syntax unified
  .thumb
  .section .text.mote_reset, "ax"
  .global mote_reset
  .type mote_reset, %function
  .thumb_func
mote_reset:
  ldr r0, =mote_start
  bx r0
  .pool
  .size mote_reset, . - mote_reset

// This core does not check a stack limit.
  .section .text.mote_stack_limit_fault, "ax"
  .global mote_stack_limit_fault
  .type mote_stack_limit_fault, %function
  .thumb_func
mote_stack_limit_fault:
  movs r0, #0
  bx lr
  .size mote_stack_limit_fault, . - mote_stack_limit_fault
