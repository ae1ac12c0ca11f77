// SPDX-License-Identifier: Apache-2.0
// Reset and traps of an RV32 core in machine mode, all interrupts disabled: the first instruction of
// the flash, a stack pointer, every trap to mote_trap_entry. The trap handler starts on a fresh
// stack, because the old one may be what failed. Semihosting calls stand here, too: they are three
// instructions of 32 bits in one page (RISC-V Semihosting 0.4, 2).
  .option arch, +zicsr
  .section .vectors, "ax"
  .global mote_vectors
mote_vectors:
  la t0, mote_reset
  jr t0

  .section .text.mote_reset, "ax"
  .global mote_reset
  .type mote_reset, %function
mote_reset:
  la sp, mote_stack_top
  la t0, mote_trap_entry
  csrw mtvec, t0
  tail mote_start
  .size mote_reset, . - mote_reset

// The low bits of mtvec are its mode: 0.
  .section .text.mote_trap_entry, "ax"
  .balign 4
  .global mote_trap_entry
  .type mote_trap_entry, %function
mote_trap_entry:
  csrr a0, mepc
  mv a1, ra
  mv a2, sp
  la sp, mote_stack_top
  tail mote_trap
  .size mote_trap_entry, . - mote_trap_entry

// The stack pointer of the caller (StackRange::pointer): a leaf that uses no stack itself.
  .section .text.mote_stack_pointer, "ax"
  .global mote_stack_pointer
  .type mote_stack_pointer, %function
mote_stack_pointer:
  mv a0, sp
  ret
  .size mote_stack_pointer, . - mote_stack_pointer

  .section .text.mote_semihosting_call, "ax"
  .balign 16
  .global mote_semihosting_call
  .type mote_semihosting_call, %function
mote_semihosting_call:
  .option push
  .option norvc
  slli zero, zero, 0x1f
  ebreak
  srai zero, zero, 7
  .option pop
  ret
  .size mote_semihosting_call, . - mote_semihosting_call
