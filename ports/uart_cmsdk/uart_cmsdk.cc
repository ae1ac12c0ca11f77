// SPDX-License-Identifier: Apache-2.0
// Port `uart_cmsdk`: the UART of Arm's Cortex-M System Design Kit (DDI 0479, 4.3), as on MPS2 and
// MPS3 boards. Polled; its address is the linker symbol mote_uart_base. After the last frame it
// waits.
#include <stdint.h>

#include "ports/port.h"

extern "C" uint32_t mote_uart_base[];

namespace {

struct Registers {
  volatile uint32_t data;
  volatile uint32_t state;    // bit 0: transmit buffer full, bit 1: receive buffer full
  volatile uint32_t control;  // bit 0: transmit enable, bit 1: receive enable
  volatile uint32_t interrupts;
  volatile uint32_t divider;  // clock / baud rate, at least 16
};

constexpr uint32_t kTransmitFull = 1;
constexpr uint32_t kReceiveFull = 2;
constexpr uint32_t kDivider = 217;  // 25 MHz / 115200

Registers& uart() { return *reinterpret_cast<Registers*>(mote_uart_base); }

}  // namespace

const char mote_port_name[] = "uart_cmsdk";

void mote_port_open(void) {
  uart().divider = kDivider;
  uart().control = 3;
}

uint32_t mote_port_read(uint8_t* to, uint32_t n) {
  for (uint32_t i = 0; i < n; ++i) {
    while ((uart().state & kReceiveFull) == 0) {
    }
    to[i] = uint8_t(uart().data);
  }
  return n;
}

void mote_port_write(const uint8_t* from, uint32_t n) {
  for (uint32_t i = 0; i < n; ++i) {
    while ((uart().state & kTransmitFull) != 0) {
    }
    uart().data = from[i];
  }
}

void mote_port_exit(int32_t) {
  for (;;) {
  }
}
