// SPDX-License-Identifier: MIT

package io.interprocess;

/** The methods that SWIG's classes for both endpoints have in common: see bindings/face. */
interface FaceEndpoint {
  long capacity();

  long maxMessageSize();

  void setSpin(long nanos);

  long approximateDepth();

  long counters(FaceCounters counters);

  /** Aborts a reservation or gives a message back. Does nothing if the token is not in use. */
  long drop(long token);

  long close();

  String errorText(long result);

  void delete();
}
