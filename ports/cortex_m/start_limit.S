// SPDX-License-Identifier: Apache-2.0
// Reset of an Armv8-M mainline core (M33, M55): as start_fpu.S, and the core itself checks the stack
// limit (MSPLIM): an overflow is a fault before it writes into the data below.
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
