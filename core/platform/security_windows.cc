// SPDX-License-Identifier: MIT

#include "core/platform/security_windows.h"

#include <aclapi.h>
#include <sddl.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "core/platform/directory.h"
#include "core/platform/os_error.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

struct FreeLocal {
  void operator()(void* memory) const { LocalFree(memory); }
};

// Changing what is in a directory, or the rights to it.
constexpr DWORD kWritesInDirectory = FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | FILE_DELETE_CHILD |
                                     DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_WRITE | GENERIC_ALL;

// TOKEN_USER or TOKEN_PRIMARY_GROUP of the thread's user, which is not the process's where
// it impersonates.
absl::StatusOr<std::vector<char>> TokenInformation(TOKEN_INFORMATION_CLASS kind) {
  HANDLE handle;
  if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &handle) &&
      !OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &handle)) {
    return LastError("OpenProcessToken", "this process");
  }
  const OwnedHandle token(handle);
  DWORD size = 0;
  GetTokenInformation(token.get(), kind, nullptr, 0, &size);
  std::vector<char> information(size);
  if (!GetTokenInformation(token.get(), kind, information.data(), size, &size)) {
    return LastError("GetTokenInformation", "this process");
  }
  return information;
}

absl::StatusOr<std::string> TextOfSid(PSID sid) {
  wchar_t* text;
  if (!ConvertSidToStringSidW(sid, &text)) return LastError("ConvertSidToStringSid", "a SID");
  const std::unique_ptr<wchar_t, FreeLocal> owner(text);
  return ToUtf8(text, wcslen(text));
}

absl::StatusOr<std::string> ThisUser() {
  ABSL_ASSIGN_OR_RETURN(std::vector<char> user, TokenInformation(TokenUser));
  return TextOfSid(reinterpret_cast<TOKEN_USER*>(user.data())->User.Sid);
}

absl::StatusOr<std::string> ThisGroup() {
  ABSL_ASSIGN_OR_RETURN(std::vector<char> group, TokenInformation(TokenPrimaryGroup));
  return TextOfSid(reinterpret_cast<TOKEN_PRIMARY_GROUP*>(group.data())->PrimaryGroup);
}

// The SID of an account that is named in words ("DOMAIN\name", "NETWORK SERVICE") or by its SID.
absl::StatusOr<std::string> SidOfAccount(absl::string_view account) {
  ABSL_ASSIGN_OR_RETURN(std::wstring name, ToWide(account));
  PSID parsed;
  if (name.rfind(L"S-", 0) == 0 && ConvertStringSidToSidW(name.c_str(), &parsed)) {
    const std::unique_ptr<void, FreeLocal> owner(parsed);
    return TextOfSid(parsed);
  }
  DWORD sid_size = 0;
  DWORD domain_length = 0;
  SID_NAME_USE use;
  LookupAccountNameW(nullptr, name.c_str(), nullptr, &sid_size, nullptr, &domain_length, &use);
  std::vector<char> sid(sid_size);
  std::wstring domain(domain_length, L'\0');
  if (sid_size == 0 || !LookupAccountNameW(nullptr, name.c_str(), sid.data(), &sid_size,
                                           domain.data(), &domain_length, &use)) {
    const absl::Status status = LastError("LookupAccountName", account);
    return absl::NotFoundError(status.message());
  }
  return TextOfSid(sid.data());
}

// The owner of an open file or directory, and the rights of each account.
class AccessList {
 public:
  struct Grant {
    PSID sid;
    DWORD rights;
  };

  static absl::StatusOr<AccessList> Of(HANDLE handle, const std::string& path) {
    AccessList result;
    PSECURITY_DESCRIPTOR descriptor;
    const DWORD error = GetSecurityInfo(
        handle, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
        &result.owner_, nullptr, &result.list_, nullptr, &descriptor);
    if (error != ERROR_SUCCESS) return OsError("GetSecurityInfo", path, static_cast<int>(error));
    result.descriptor_.reset(descriptor);
    return result;
  }

  PSID owner() const { return owner_; }
  // False: everybody may do everything.
  bool exists() const { return list_ != nullptr; }

  std::vector<Grant> Grants() const {
    std::vector<Grant> grants;
    void* entry;
    for (DWORD i = 0; i < list_->AceCount && GetAce(list_, i, &entry); ++i) {
      auto* allowed = static_cast<ACCESS_ALLOWED_ACE*>(entry);
      // Others refuse, or are for what will be made in a directory.
      if (allowed->Header.AceType == ACCESS_ALLOWED_ACE_TYPE &&
          (allowed->Header.AceFlags & INHERIT_ONLY_ACE) == 0) {
        grants.push_back({&allowed->SidStart, allowed->Mask});
      }
    }
    return grants;
  }

 private:
  std::unique_ptr<void, FreeLocal> descriptor_;
  PSID owner_ = nullptr;
  PACL list_ = nullptr;
};

bool MayAnyway(PSID sid) {
  return IsWellKnownSid(sid, WinLocalSystemSid) || IsWellKnownSid(sid, WinBuiltinAdministratorsSid);
}

}  // namespace

absl::StatusOr<SecurityDescriptor> SecurityDescriptor::Parse(const std::string& text) {
  ABSL_ASSIGN_OR_RETURN(std::wstring wide, ToWide(text));
  void* descriptor;
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(wide.c_str(), SDDL_REVISION_1,
                                                            &descriptor, nullptr)) {
    return LastError("ConvertStringSecurityDescriptorToSecurityDescriptor", text);
  }
  return SecurityDescriptor(descriptor);
}

absl::StatusOr<SecurityDescriptor> SecurityDescriptor::For(const Permission& permission,
                                                           absl::string_view rights) {
  // By its SID, not as "owner" (OW, CO), which does not reach the one who makes the object.
  ABSL_ASSIGN_OR_RETURN(std::string user, ThisUser());
  std::string text = absl::StrCat("O:", user, "D:P(A;;GA;;;", user, ")");
  auto allow = [&](absl::string_view sid) {
    absl::StrAppend(&text, "(A;;", rights, ";;;", sid, ")");
  };
  if (permission.who == Access::kEveryone) allow("WD");
  if (permission.who == Access::kGroup) {
    ABSL_ASSIGN_OR_RETURN(std::string group, ThisGroup());
    allow(group);
  }
  for (absl::string_view name : absl::StrSplit(permission.account, ';', absl::SkipEmpty())) {
    ABSL_ASSIGN_OR_RETURN(std::string account, SidOfAccount(name));
    allow(account);
  }
  return Parse(text);
}

absl::StatusOr<SecurityDescriptor> SecurityDescriptor::ForOwnDirectory() {
  ABSL_ASSIGN_OR_RETURN(std::string user, ThisUser());
  return Parse(absl::StrCat("O:", user, "D:P(A;OICI;GA;;;", user, ")"));
}

absl::StatusOr<Permission> PermissionOfFile(HANDLE file, const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(AccessList list, AccessList::Of(file, path));
  // Without a list everybody may.
  if (!list.exists()) return Permission(Access::kEveryone);
  Permission permission;
  for (const AccessList::Grant& grant : list.Grants()) {
    if ((grant.rights & (FILE_WRITE_DATA | GENERIC_WRITE | GENERIC_ALL)) == 0) continue;
    ABSL_ASSIGN_OR_RETURN(std::string sid, TextOfSid(grant.sid));
    absl::StrAppend(&permission.account, permission.account.empty() ? "" : ";", sid);
  }
  return permission;
}

absl::Status CheckOwnDirectory(HANDLE directory, const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(std::vector<char> token, TokenInformation(TokenUser));
  PSID user = reinterpret_cast<TOKEN_USER*>(token.data())->User.Sid;
  ABSL_ASSIGN_OR_RETURN(AccessList list, AccessList::Of(directory, path));

  auto refused = [&](absl::string_view why, PSID sid) {
    return absl::PermissionDeniedError(absl::StrCat(
        "directory '", path, "': ", why, " (", TextOfSid(sid).value_or("an unknown account"), ")"));
  };
  // What an administrator makes may belong to all of them.
  if (!EqualSid(list.owner(), user) && !MayAnyway(list.owner())) {
    return refused("it belongs to another user", list.owner());
  }
  if (!list.exists()) {
    return absl::PermissionDeniedError(absl::StrCat(
        "directory '", path, "': other users may write in it (it has no access list)"));
  }
  for (const AccessList::Grant& grant : list.Grants()) {
    if ((grant.rights & kWritesInDirectory) != 0 && !EqualSid(grant.sid, user) &&
        !MayAnyway(grant.sid)) {
      return refused("other users may write in it", grant.sid);
    }
  }
  return absl::OkStatus();
}

}  // namespace interprocess::platform
