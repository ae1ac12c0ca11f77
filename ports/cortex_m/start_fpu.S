// SPDX-License-Identifier: Apache-2.0
// Reset of a core with floating-point or vector unit (M4F, M7), instead of that in vectors.S: access
// to coprocessors 10 and 11 is granted (CPACR, Armv7-M ARM B3.2.20) before the first compiled
// instruction, which may use them.
  .syntax unified
  .thumb
  .section .text.mote_reset, "ax"
  .global mote_reset
  .type mote_reset, %function
  .thumb_func
mote_reset:
  ldr r0, =0xE000ED88
  ldr r1, [r0]
  orr r1, r1, #0x00F00000
  str r1, [r0]
  dsb
  isb
  b mote_start
  .pool
  .size mote_reset, . - mote_reset
