// SPDX-License-Identifier: MIT
// Classifies one Thumb, Thumb-2, VFP or MVE instruction by its encoding. In: its first and second
// halfword. Out: its size, its class, the words it moves and whether it may branch. One instruction
// has exactly one class, so the classes of a run add up to its instructions. Source of the
// encodings: Arm v7-M and v8-M Architecture Reference Manuals, chapter "The Thumb instruction set
// encoding"; checked against the mnemonics of objdump in thumb_test.cc.
#ifndef MOTE_RUNNER_PLUGIN_THUMB_H_
#define MOTE_RUNNER_PLUGIN_THUMB_H_
#include <stdint.h>

namespace mote_count {

// The order is that of kClassNames. Conditional branches split into taken and not taken when they
// are executed.
enum Class : uint8_t {
  kLoad,  // one register; includes tbb, tbh
  kStore,
  kLoadMultiple,   // ldm, pop, ldrd
  kStoreMultiple,  // stm, push, strd
  kMul,            // mul, smulxy, smulw, smmul
  kMulLong,        // smull, umull
  kMac,            // mla, mls, smlaxy, smlaw, smmla, smlalxy
  kMacLong,        // smlal, umlal, umaal
  kDualMac,        // smlad, smuad, smlsd, smusd, smlald, smlsld
  kDiv,
  kSatExt,       // sign and zero extension, pkh, saturation, parallel 8 and 16 bit arithmetic
  kBranchTaken,  // conditional, cbz, cbnz
  kBranchNotTaken,
  kBranch,      // unconditional
  kCallReturn,  // bl, blx, bx
  kLoop,        // v8.1-M low-overhead loops: dls, wls, le and their tail-predicated forms
  kFpLoad,
  kFpStore,
  kFp,  // add, sub, mul, compare, convert, move
  kFpMac,
  kFpDiv,  // divide and square root
  kMveLoad,
  kMveStore,
  kMveMac,  // every vector instruction that multiplies and adds
  kMveMul,
  kMveOther,
  kOther,  // arithmetic, logic, shifts, moves, it, hints, system
  kClasses
};

inline const char* class_name(int c) {
  // clang-format off
  static const char* const names[kClasses] = {
      "load", "store", "load_multiple", "store_multiple", "mul", "mul_long", "mac", "mac_long",
      "dual_mac", "div", "sat_ext", "branch_taken", "branch_not_taken", "branch", "call_return",
      "loop", "fp_load", "fp_store", "fp", "fp_mac", "fp_div", "mve_load", "mve_store", "mve_mac",
      "mve_mul", "mve_other", "other"};
  // clang-format on
  return names[c];
}

struct Instruction {
  uint8_t bytes = 2;
  Class kind = kOther;
  uint8_t words = 0;      // moved by a multiple load or store, and by every load or store of
                          // floating-point registers
  bool may_skip = false;  // a branch that may fall through: conditional, cbz, wls, le
  bool jumps = false;     // writes the program counter in another way than a conditional branch
  uint8_t it_length = 0;  // of `it`: how many instructions it makes conditional
};

inline bool is_wide(uint16_t first) { return first >= 0xE800; }

inline uint8_t bits_set(unsigned mask) {
  uint8_t n = 0;
  for (; mask; mask &= mask - 1) ++n;
  return n;
}

inline Instruction of(Class kind) {
  Instruction out;
  out.kind = kind;
  return out;
}

inline Instruction jump(Class kind) {
  Instruction out = of(kind);
  out.jumps = true;
  return out;
}

inline Instruction may_branch(Class kind) {
  Instruction out = of(kind);
  out.may_skip = true;
  return out;
}

inline Instruction multiple(bool load, unsigned words, bool with_pc) {
  Instruction out = of(load ? kLoadMultiple : kStoreMultiple);
  out.words = uint8_t(words);
  out.jumps = load && with_pc;
  return out;
}

// 1011 xxxx: stack pointer, compare-and-branch, extension, push, pop, hints.
inline Instruction decode_misc(uint16_t h) {
  if ((h & 0xF500) == 0xB100) return may_branch(kBranchTaken);  // cbz, cbnz
  if ((h & 0xFF00) == 0xB200) return of(kSatExt);
  if ((h & 0xFE00) == 0xB400) return multiple(false, bits_set(h & 0x1FF), false);
  if ((h & 0xFE00) == 0xBC00) return multiple(true, bits_set(h & 0x1FF), h & 0x100);
  Instruction out;
  if ((h & 0xFF00) ==
      0xBF00)  // it: the lowest set bit of the mask ends the block; mask 0 is a hint
    for (unsigned mask = h & 0xF; mask; mask = (mask << 1) & 0xF) ++out.it_length;
  return out;
}

inline Instruction decode_narrow(uint16_t h) {
  switch (h >> 12) {
    case 0x4:
      if ((h & 0xFFC0) == 0x4340) return of(kMul);
      if ((h & 0xFF00) == 0x4700) return jump(kCallReturn);
      if ((h & 0xFC00) == 0x4400 && (h & 0x300) != 0x100 && (h & 0x87) == 0x87)
        return jump(kBranch);
      return of(h & 0x800 ? kLoad : kOther);
    case 0x5:
      return of((h & 0xE00) >= 0x600 ? kLoad : kStore);
    case 0x6:
    case 0x7:
    case 0x8:
    case 0x9:
      return of(h & 0x800 ? kLoad : kStore);
    case 0xB:
      return decode_misc(h);
    case 0xC:
      return multiple(h & 0x800, bits_set(h & 0xFF), false);
    case 0xD:
      return (h & 0xE00) == 0xE00 ? of(kOther) : may_branch(kBranchTaken);
    case 0xE:
      return jump(kBranch);
    default:
      return of(kOther);
  }
}

// 1110 100x: ldm, stm, ldrd, strd, exclusives, table branches.
inline Instruction decode_multiple(uint16_t a, uint16_t b) {
  const bool load = a & 0x10;
  if (a == 0xE89F || (a == 0xE97F && b == 0xE97F)) return of(kOther);  // clrm; sg
  if ((a & 0x40) == 0) return multiple(load, bits_set(b), b & 0x8000);
  if ((a & 0xFFF0) == 0xE8D0 && (b & 0xFFE0) == 0xF000) return jump(kLoad);  // tbb, tbh
  if ((a & 0xFFF0) == 0xE840 && (b & 0xF000) == 0xF000) return of(kOther);   // tt
  if ((a & 0xFFE0) == 0xE840 || (a & 0xFFE0) == 0xE8C0)
    return of(load ? kLoad : kStore);  // exclusive
  return multiple(load, 2, false);
}

// 1111 0xxx, second halfword 1xxx: branches and control.
inline Instruction decode_control(uint16_t a, uint16_t b) {
  if ((b & 0xD000) == 0xD000) return jump(kCallReturn);
  if ((b & 0xD000) == 0x9000) return jump(kBranch);
  if ((b & 0xD000) ==
      0xC000) {  // low-overhead loops: bit 13 tells dls from wls and le, which may branch
    if ((b & 0xF800) == 0xE800) return of(kMveOther);  // vctp
    return b & 0x2000 ? of(kLoop) : may_branch(kLoop);
  }
  return (a & 0x0380) == 0x0380 ? of(kOther) : may_branch(kBranchTaken);
}

// 1111 10xx, single loads and stores.
inline Instruction decode_single(uint16_t a, uint16_t b) {
  if (!(a & 0x10)) return of(kStore);
  const bool to_pc = (b & 0xF000) == 0xF000;
  if (!to_pc) return of(kLoad);
  return (a & 0x60) == 0x40 ? jump(kLoad) : of(kOther);  // other than a word: pld, pli
}

// 1111 1010: shifts by register, extension, parallel arithmetic, rev, sel, clz.
inline Instruction decode_register(uint16_t a, uint16_t b) {
  if (!(a & 0x80)) return of(b & 0x80 ? kSatExt : kOther);
  if (!(b & 0x80)) return of(kSatExt);
  return of((a & 0x70) == 0x00 ? kSatExt : kOther);  // qadd, qsub, qdadd, qdsub; else rev, sel, clz
}

// 1111 1011: multiplication and division.
inline Instruction decode_multiply(uint16_t a, uint16_t b) {
  const bool no_addend = (b & 0xF000) == 0xF000;
  switch ((a >> 4) & 0xF) {
    case 0x0:
    case 0x1:
    case 0x3:
    case 0x5:
      return of(no_addend ? kMul : kMac);
    case 0x2:
    case 0x4:
      return of(kDualMac);
    case 0x6:
      return of(kMac);
    case 0x7:
      return of(kSatExt);  // usad8, usada8
    case 0x8:
    case 0xA:
      return of(kMulLong);
    case 0x9:
    case 0xB:
      return of(kDiv);
    case 0xC:
      return of((b & 0xF0) == 0 ? kMacLong : (b & 0xC0) == 0xC0 ? kDualMac : kMac);
    case 0xD:
      return of(kDualMac);
    default:
      return of(kMacLong);
  }
}

// Loads and stores of floating-point registers (coprocessors 9, 10, 11).
inline Instruction decode_fp_memory(uint16_t a, uint16_t b) {
  if ((a & 0xFFE0) == 0xEC40) return of(kFp);  // vmov between two core registers and a pair
  const bool load = a & 0x10;
  Instruction out = of(load ? kFpLoad : kFpStore);
  if (a == 0xEC9F || a == 0xECDF) return of(kOther);  // vscclrm
  const bool one = (a & 0x0120) == 0x0100;
  const bool twice = (b & 0x0F00) == 0x0B00;
  out.words = one ? (twice ? 2 : 1) : uint8_t(b & 0xFF);
  return out;
}

// Arithmetic on floating-point registers (coprocessors 9, 10, 11).
inline Instruction decode_fp(uint16_t a, uint16_t b) {
  if (b & 0x10)
    return of((a & 0x90) == 0x80 && (b & 0x0F00) == 0x0B00 ? kMveOther : kFp);  // vdup; else vmov
  if (a & 0x1000) return of(kFp);  // vsel, vmaxnm, vrint, vcvta
  const bool second = b & 0x40;
  switch (a & 0xB0) {
    case 0x00:
    case 0x10:
      return of(kFpMac);  // vmla, vmls, vnmla, vnmls
    case 0x80:
      return of(second ? kFp : kFpDiv);  // vdiv
    case 0x90:
    case 0xA0:
      return of(kFpMac);  // vfnma, vfnms, vfma, vfms
    case 0xB0:
      return of((a & 0xF) == 1 && (b & 0xC0) == 0xC0 ? kFpDiv : kFp);  // vsqrt
    default:
      return of(kFp);
  }
}

// 111x 1110 1xxx, coprocessors 14 and 15: MVE reductions, and shifts that change the width.
inline Class mve_reduction(uint16_t a, uint16_t b) {
  if (!(b & 0x0100)) return kMveMac;         // vmladav, vmlsdav, vmlaldav, vmlsldav, vrmlsldavh
  const bool shift = b & 0x40;               // vshll, vmovl, vshlc, vshrn
  const bool extremum = (a & 0x70) == 0x60;  // vmaxv, vminv
  const bool sum = a & 1;                    // vaddv, vaddlv
  const bool difference = b & 1;             // vabav
  return shift || extremum || sum || difference ? kMveOther : kMveMac;  // vmladav.s8, vrmlaldavh
}

// 111x 1110 0xxx, coprocessors 14 and 15: MVE with a scalar, widening, narrowing, comparison.
inline Class mve_elementwise(uint16_t a, uint16_t b) {
  if (a & 0x40) return kMveOther;  // vpt, vpst
  const bool size_3 = (a & 0x30) == 0x30;
  const bool a0 = a & 1, b0 = b & 1, b5 = b & 0x20, b12 = b & 0x1000, u = a & 0x1000;
  if (b & 0x0100) {  // vqdmull by a scalar, by a vector
    const bool doubling = b & 0x40 ? b5 : b0;
    return size_3 && !a0 && doubling ? kMveMul : kMveOther;
  }
  if (b & 0x40) {                                  // by a scalar
    if (!a0 || !b5) return kMveMac;                // vqdmlah, vqdmlash; vmla, vmlas, vfma, vfmas
    if (size_3) return b12 ? kMveOther : kMveMul;  // vshl; vmul.f32
    return u && b12 ? kMveOther : kMveMul;         // vbrsr; vmul, vqdmulh
  }
  if (!a0) return size_3 ? kMveMul : kMveMac;  // vcmul; vqdmladh, vqdmlsdh
  return size_3 && b0 ? kMveOther : kMveMul;   // vmovn, vmaxa, vcvtb; vmulh, vmull
}

// 111x 1111: MVE on whole vectors.
inline Class mve_vector(uint16_t a, uint16_t b) {
  if (a & 0x80) return kMveOther;  // shifts by a constant, constants, unary
  const bool b4 = b & 0x10, u = a & 0x1000;
  switch (b & 0x0F00) {
    case 0x0900:
      return b4 ? kMveMul : kMveOther;
    case 0x0B00:
      return b4 ? kMveOther : kMveMul;  // vqdmulh, vqrdmulh
    case 0x0C00:
      return b4 ? kMveMac : kMveOther;  // vfma, vfms
    case 0x0D00:
      return b4 && u ? kMveMul : kMveOther;
    default:
      return kMveOther;
  }
}

// 111x 110x, coprocessors 14 and 15: MVE loads and stores, and moves between two lanes and two core
// registers.
inline Instruction decode_mve_memory(uint16_t a, uint16_t b) {
  const bool load = a & 0x10;
  if ((a & 0xFFA0) == 0xEC00) return of(kMveOther);
  if ((b & 0x1F80) == 0x0F80 && !(a & 0x1000))
    return of(load ? kFpLoad : kFpStore);  // vldr of a system register
  return of(load ? kMveLoad : kMveStore);
}

// 111x 11xx: floating point and MVE.
inline Instruction decode_coprocessor(uint16_t a, uint16_t b) {
  const unsigned coprocessor = (b >> 8) & 0xF;
  const bool scalar = coprocessor >= 0x9 && coprocessor <= 0xB;
  if ((a & 0x0E00) == 0x0C00) {
    if (coprocessor >= 0xE) return decode_mve_memory(a, b);
    if (a & 0x1000)
      return of(coprocessor == 0x8 && a & 0x20 ? kMveMac : kMveOther);  // vcmla; vcadd
    return scalar ? decode_fp_memory(a, b) : of(kOther);
  }
  if ((a & 0x0F00) == 0x0F00) return of(mve_vector(a, b));
  if (scalar) return decode_fp(a, b);
  if (coprocessor < 0xE) return of(kOther);
  return of(a & 0x80 ? mve_reduction(a, b) : mve_elementwise(a, b));
}

inline bool is_saturation(uint16_t a) {
  const unsigned op = a & 0xFBF0;
  return op == 0xF300 || op == 0xF320 || op == 0xF380 || op == 0xF3A0;
}

inline Instruction decode_wide(uint16_t a, uint16_t b) {
  if ((a & 0xEC00) == 0xEC00) return decode_coprocessor(a, b);
  if ((a & 0xFE00) == 0xE800) return decode_multiple(a, b);
  if ((a & 0xFE00) == 0xEA00) return of((a & 0xFFE0) == 0xEAC0 ? kSatExt : kOther);  // pkh
  if (a < 0xF800)
    return b & 0x8000 ? decode_control(a, b) : of(is_saturation(a) ? kSatExt : kOther);
  if ((a & 0xFF00) == 0xFA00) return decode_register(a, b);
  if ((a & 0xFF00) == 0xFB00) return decode_multiply(a, b);
  return decode_single(a, b);
}

inline Instruction decode(uint16_t first, uint16_t second) {
  if (!is_wide(first)) return decode_narrow(first);
  Instruction out = decode_wide(first, second);
  out.bytes = 4;
  return out;
}

}  // namespace mote_count
#endif  // MOTE_RUNNER_PLUGIN_THUMB_H_
