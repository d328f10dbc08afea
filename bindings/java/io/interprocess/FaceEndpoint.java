package io.interprocess;

/** What the generated classes of both endpoints have in common: see bindings/face. */
interface FaceEndpoint {
  long capacity();

  long maxMessageSize();

  void setSpin(long nanos);

  /** Aborts a reservation, or gives a message back; does nothing if the token is of no use. */
  long drop(long token);

  void close();

  String errorText(long result);

  void delete();
}
