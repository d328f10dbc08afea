// Ctrl-C as a stop token, for the examples.

#ifndef INTERPROCESS_EXAMPLES_CPP_CTRL_C_H_
#define INTERPROCESS_EXAMPLES_CPP_CTRL_C_H_

#include "interprocess/stop_token.h"

namespace examples {

// From now on, Ctrl-C (SIGINT), SIGTERM and Windows' Ctrl-Break ask for a stop instead of ending
// the process. To be called once, before the program starts a thread.
interprocess::StopToken StopOnCtrlC();

}  // namespace examples

#endif  // INTERPROCESS_EXAMPLES_CPP_CTRL_C_H_
