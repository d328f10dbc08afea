// SPDX-License-Identifier: MIT

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bindings/c/error.h"
#include "bindings/c/handle.h"
#include "bindings/c/sized.h"
#include "bindings/face/interrupt.h"
#include "bindings/face/wait_any.h"
#include "interprocess.h"

using namespace interprocess::c;  // NOLINT(build/namespaces)
using interprocess::face::FaceBell;
using interprocess::face::FaceError;
using interprocess::face::FaceInterrupt;

extern "C" {

int ipq_stop_new(ipq_stop** stop) {
  return Give<FaceInterrupt>(stop, [](FaceError*) { return new FaceInterrupt; });
}

int ipq_stop_raise(ipq_stop* stop) {
  return With<FaceInterrupt>(stop, [](FaceInterrupt& interrupt) {
    interrupt.Raise();
    return static_cast<int>(IPQ_OK);
  });
}

int ipq_stop_clear(ipq_stop* stop) {
  return With<FaceInterrupt>(stop, [](FaceInterrupt& interrupt) {
    interrupt.Clear();
    return static_cast<int>(IPQ_OK);
  });
}

int ipq_stop_is_raised(const ipq_stop* stop) {
  return Ask<FaceInterrupt>(stop,
                            [](FaceInterrupt& interrupt) -> int { return interrupt.raised(); });
}

void ipq_stop_free(ipq_stop* stop) { Free<FaceInterrupt>(stop); }

int ipq_bell_new(ipq_bell** bell) {
  return Give<FaceBell>(bell, [](FaceError*) { return new FaceBell; });
}

int ipq_bell_arm(ipq_bell* bell, ipq_alarm* alarm) {
  return With<FaceBell>(bell, [&](FaceBell& face) {
    if (const int code = CheckSized("ipq_alarm", alarm); code != IPQ_OK) return code;
    ipq_alarm armed = {};
    armed.word = static_cast<uint64_t>(face.Word());
    armed.value = static_cast<uint32_t>(face.Value());
    armed.limit_ns = std::numeric_limits<int64_t>::max();
    Fill(alarm, armed);
    return static_cast<int>(IPQ_OK);
  });
}

int ipq_bell_ring(ipq_bell* bell) {
  return With<FaceBell>(bell, [](FaceBell& face) {
    face.Ring();
    return static_cast<int>(IPQ_OK);
  });
}

void ipq_bell_free(ipq_bell* bell) { Free<FaceBell>(bell); }

int ipq_wait_any(const ipq_alarm* alarms, size_t count, int64_t timeout_ns) {
  if (count == 0 || count > IPQ_MAX_ALARMS) {
    return Guard([&] {
      return Fail(IPQ_INVALID_ARGUMENT,
                  absl::StrCat(count, " alarms: 1 to ", IPQ_MAX_ALARMS, " are waited for"));
    });
  }
  return Guard([&] {
    if (const int code = CheckSized("ipq_alarm", alarms); code != IPQ_OK) return code;
    int64_t limit = timeout_ns < 0 ? std::numeric_limits<int64_t>::max() : timeout_ns;
    int64_t places[2 * IPQ_MAX_ALARMS];
    for (size_t i = 0; i < count; ++i) {
      const ipq_alarm& alarm = *At(alarms, i);
      if (alarm.word % alignof(uint32_t) != 0) {
        return Fail(IPQ_INVALID_ARGUMENT, absl::StrCat("alarm ", i, " was never armed"));
      }
      places[2 * i] = static_cast<int64_t>(alarm.word);
      places[2 * i + 1] = alarm.value;
      limit = std::min(limit, std::max<int64_t>(alarm.limit_ns, 0));
    }
    interprocess::face::FaceWaitAny(places, static_cast<int>(count), limit);
    return static_cast<int>(IPQ_OK);
  });
}

}  // extern "C"
