// SPDX-License-Identifier: MIT

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tools/ipq/logout.h"

namespace ipq {
namespace {

namespace fs = std::filesystem;

// From the one that counts most to the one that counts least.
constexpr const char* kConfigurationFolders[] = {"/etc/systemd", "/run/systemd",
                                                 "/usr/local/lib/systemd", "/usr/lib/systemd"};
// As systemd is built, unless /etc/login.defs has another SYS_UID_MAX.
constexpr uint32_t kLastSystemUser = 999;

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::vector<std::string> LinesOf(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// As systemd reads a boolean; nothing if it is none.
std::optional<bool> BooleanOf(absl::string_view text) {
  for (const char* yes : {"1", "yes", "y", "true", "t", "on"}) {
    if (absl::EqualsIgnoreCase(text, yes)) return true;
  }
  for (const char* no : {"0", "no", "n", "false", "f", "off"}) {
    if (absl::EqualsIgnoreCase(text, no)) return false;
  }
  return std::nullopt;
}

// Changes `remove` if the file says something else.
void ReadRemoveIpc(const std::string& path, bool* remove) {
  bool in_login = false;
  for (const std::string& line : LinesOf(path)) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (absl::StartsWith(text, "[")) in_login = text == "[Login]";
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    if (!in_login || absl::StripAsciiWhitespace(parts.first) != "RemoveIPC") continue;
    *remove = BooleanOf(absl::StripAsciiWhitespace(parts.second)).value_or(*remove);
  }
}

// Whether logind deletes what a user leaves: systemd's default unless it is configured otherwise.
bool RemovesIpc(const std::string& root) {
  bool remove = true;
  for (const char* folder : kConfigurationFolders) {
    const std::string path = absl::StrCat(root, folder, "/logind.conf");
    if (!Exists(path)) continue;
    ReadRemoveIpc(path, &remove);
    break;
  }
  // Drop-ins by name, from whatever folder; of two of one name the one that counts more.
  std::map<std::string, std::string> drop_ins;
  for (const char* folder : kConfigurationFolders) {
    std::error_code error;
    for (const auto& entry :
         fs::directory_iterator(absl::StrCat(root, folder, "/logind.conf.d"), error)) {
      if (entry.path().extension() == ".conf") {
        drop_ins.emplace(entry.path().filename().string(), entry.path().string());
      }
    }
  }
  for (const auto& [name, path] : drop_ins) ReadRemoveIpc(path, &remove);
  return remove;
}

uint32_t LastSystemUser(const std::string& root) {
  for (const std::string& line : LinesOf(absl::StrCat(root, "/etc/login.defs"))) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    uint32_t last;
    if (words.size() > 1 && words[0] == "SYS_UID_MAX" && absl::SimpleAtoi(words[1], &last)) {
      return last;
    }
  }
  return kLastSystemUser;
}

// Empty if the file does not tell.
std::string NameOfUser(const std::string& root, uint32_t user) {
  for (const std::string& line : LinesOf(absl::StrCat(root, "/etc/passwd"))) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
    if (fields.size() > 2 && fields[2] == absl::StrCat(user)) return std::string(fields[0]);
  }
  return "";
}

}  // namespace

std::string LogoutWarningOn(const std::string& root, const std::string& path, uint32_t owner,
                            interprocess::Protocol protocol) {
  // Where systemd runs.
  if (!Exists(absl::StrCat(root, "/run/systemd/system")) || !RemovesIpc(root)) return "";
  std::error_code error;
  const std::string real = fs::weakly_canonical(path, error).string();
  const bool in_memory = absl::StartsWith(error ? path : real, absl::StrCat(root, "/dev/shm/"));
  // The other formats have a semaphore, which lies there wherever the file does.
  if (!in_memory && protocol == interprocess::Protocol::kNative) return "";
  const uint32_t last_system_user = LastSystemUser(root);
  if (owner <= last_system_user) return "";
  const std::string name = NameOfUser(root, owner);
  if (!name.empty() && Exists(absl::StrCat(root, "/var/lib/systemd/linger/", name))) return "";
  const std::string user = name.empty() ? absl::StrCat(owner) : name;
  return absl::StrCat(
      "systemd deletes ", in_memory ? "this queue" : "this queue's semaphore in /dev/shm",
      ", also while it is in use, when user ", user,
      " logs out for the last time (RemoveIPC is not off in logind.conf). Set RemoveIPC=no in "
      "/etc/systemd/logind.conf.d/ipc.conf, or run 'loginctl enable-linger ",
      user, "', or have the queue made by a system user (uid ", last_system_user, " or below)");
}

std::string LogoutWarning(const std::string& path, interprocess::Protocol protocol) {
  struct stat file;
  if (stat(path.c_str(), &file) != 0) return "";
  return LogoutWarningOn("", path, file.st_uid, protocol);
}

}  // namespace ipq
