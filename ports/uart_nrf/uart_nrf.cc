// SPDX-License-Identifier: Apache-2.0
// Port `uart_nrf`: the UART of Nordic's nRF51 (reference manual 3.0, chapter 29), polled. Its
// address is the linker symbol mote_uart_base; the pins are those of the micro:bit's USB bridge.
// After the last frame it waits.
#include <stdint.h>

#include "ports/port.h"

extern "C" uint32_t mote_uart_base[];

namespace {

// Register offsets in words.
constexpr uint32_t kStartReceive = 0x000 / 4;
constexpr uint32_t kStartTransmit = 0x008 / 4;
constexpr uint32_t kReceived = 0x108 / 4;
constexpr uint32_t kTransmitted = 0x11C / 4;
constexpr uint32_t kEnable = 0x500 / 4;
constexpr uint32_t kTransmitPin = 0x50C / 4;
constexpr uint32_t kReceivePin = 0x514 / 4;
constexpr uint32_t kReceiveData = 0x518 / 4;
constexpr uint32_t kTransmitData = 0x51C / 4;
constexpr uint32_t kBaudRate = 0x524 / 4;

constexpr uint32_t kEnabled = 4;
constexpr uint32_t kBaud115200 = 0x01D7E000;
constexpr uint32_t kMicrobitTransmitPin = 24;
constexpr uint32_t kMicrobitReceivePin = 25;

volatile uint32_t* uart() { return mote_uart_base; }

}  // namespace

const char mote_port_name[] = "uart_nrf";

void mote_port_open(void) {
  uart()[kTransmitPin] = kMicrobitTransmitPin;
  uart()[kReceivePin] = kMicrobitReceivePin;
  uart()[kBaudRate] = kBaud115200;
  uart()[kEnable] = kEnabled;
  uart()[kStartReceive] = 1;
  uart()[kStartTransmit] = 1;
}

uint32_t mote_port_read(uint8_t* to, uint32_t n) {
  for (uint32_t i = 0; i < n; ++i) {
    while (uart()[kReceived] == 0) {
    }
    uart()[kReceived] = 0;
    to[i] = uint8_t(uart()[kReceiveData]);
  }
  return n;
}

void mote_port_write(const uint8_t* from, uint32_t n) {
  for (uint32_t i = 0; i < n; ++i) {
    uart()[kTransmitted] = 0;
    uart()[kTransmitData] = from[i];
    while (uart()[kTransmitted] == 0) {
    }
  }
}

void mote_port_exit(int32_t) {
  for (;;) {
  }
}
