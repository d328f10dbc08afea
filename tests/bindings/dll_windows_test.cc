// SPDX-License-Identifier: MIT

// The libraries that .NET and Java load on Windows, loaded and called as they do it: what they
// export, what they need, and a message through each.

#include <windows.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/version.h"
#include "gtest/gtest.h"
#include "jni.h"

namespace {

class Library {
 public:
  explicit Library(const char* variable) {
    // From its own folder, as both loaders name it.
    char path[32'768];
    EXPECT_NE(GetFullPathNameA(std::getenv(variable), sizeof path, path, nullptr), 0u);
    module_ = LoadLibraryA(path);
    EXPECT_NE(module_, nullptr) << path << ": error " << GetLastError();
  }
  ~Library() { FreeLibrary(module_); }

  template <typename Function>
  Function* Find(const std::string& name) const {
    auto* found =
        reinterpret_cast<Function*>(reinterpret_cast<void*>(GetProcAddress(module_, name.c_str())));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }

  std::vector<std::string> Exports() const {
    const auto& table = At<IMAGE_EXPORT_DIRECTORY>(Directory(IMAGE_DIRECTORY_ENTRY_EXPORT));
    const DWORD* names = &At<DWORD>(table.AddressOfNames);
    std::vector<std::string> result;
    for (DWORD i = 0; i < table.NumberOfNames; ++i) result.push_back(&At<char>(names[i]));
    return result;
  }

  // The libraries that it needs.
  std::vector<std::string> Imports() const {
    std::vector<std::string> result;
    for (const auto* entry = &At<IMAGE_IMPORT_DESCRIPTOR>(Directory(IMAGE_DIRECTORY_ENTRY_IMPORT));
         entry->Name != 0; ++entry) {
      result.push_back(&At<char>(entry->Name));
    }
    return result;
  }

 private:
  template <typename T>
  const T& At(DWORD offset) const {
    return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(module_) + offset);
  }
  DWORD Directory(int entry) const {
    const auto& dos = At<IMAGE_DOS_HEADER>(0);
    const auto& headers = At<IMAGE_NT_HEADERS64>(static_cast<DWORD>(dos.e_lfanew));
    return headers.OptionalHeader.DataDirectory[entry].VirtualAddress;
  }

  HMODULE module_;
};

// Nothing but the interface goes out, and nothing but the system is needed.
void ExpectClosed(const Library& library, const std::vector<std::string>& prefixes,
                  size_t at_least) {
  const std::vector<std::string> exports = library.Exports();
  EXPECT_GE(exports.size(), at_least);
  for (const std::string& name : exports) {
    EXPECT_TRUE(std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
      return name.rfind(prefix, 0) == 0;
    })) << name;
  }
  const std::vector<std::string> imports = library.Imports();
  EXPECT_FALSE(imports.empty());
  for (const std::string& name : imports) {
    const char* const system[] = {"ADVAPI32.dll", "KERNEL32.dll", "msvcrt.dll",
                                  "ntdll.dll",    "dbghelp.dll",  "bcrypt.dll"};
    bool known = false;
    for (const char* each : system) known = known || _stricmp(name.c_str(), each) == 0;
    EXPECT_TRUE(known) << name;
  }
}

std::string Directory() {
  const std::string path = testing::TempDir() + "/dll-" + std::to_string(GetCurrentProcessId());
  CreateDirectoryA(path.c_str(), nullptr);
  return path;
}

// The calls that the C# assembly makes.
class PInvokeTest : public testing::Test {
 protected:
  template <typename Function>
  Function* Call(const std::string& name) const {
    return library_.Find<Function>("CSharp_InterprocessfInterop_" + name + "___");
  }
  std::string Take(char* text) const {
    std::string result = text;
    Call<void(void*)>("FreeText")(text);
    return result;
  }
  void* Options(const char* name, const std::string& directory) const {
    void* options = Call<void*()>("new_FaceOptions")();
    Call<void(void*, const char*)>("FaceOptions_Name_set")(options, name);
    Call<void(void*, const char*)>("FaceOptions_Directory_set")(options, directory.c_str());
    Call<void(void*, long long)>("FaceOptions_Capacity_set")(options, 4096);
    return options;
  }

  const Library library_{"CSHARP_DLL"};
};

TEST_F(PInvokeTest, ExportsItsInterfaceAlone) { ExpectClosed(library_, {"CSharp_"}, 80); }

TEST_F(PInvokeTest, HasTheVersionThatTheLoaderAsksFor) {
  EXPECT_EQ(Take(Call<char*()>("FaceVersion")()), interprocess::kVersion);
}

TEST_F(PInvokeTest, SendsAndReceives) {
  const std::string directory = Directory();
  void* error = Call<void*()>("new_FaceError")();
  void* options = Options("q\xc3\xbc", directory);  // UTF-8
  void* publisher = Call<void*(void*, void*)>("FacePublisher_Open")(options, error);
  ASSERT_NE(publisher, nullptr) << Take(Call<char*(void*)>("FaceError_Text")(error));
  void* subscriber = Call<void*(void*, void*)>("FaceSubscriber_Open")(options, error);
  ASSERT_NE(subscriber, nullptr) << Take(Call<char*(void*)>("FaceError_Text")(error));
  EXPECT_EQ(Call<long long(void*, const void*, long long)>("FacePublisher_TryEnqueue")(publisher,
                                                                                       "hello", 5),
            0);
  char buffer[16] = {};
  auto* try_dequeue = Call<long long(void*, void*, long long, void*)>("FaceSubscriber_TryDequeue");
  const long long short_of_room = try_dequeue(subscriber, buffer, 2, nullptr);
  EXPECT_EQ(-short_of_room & 0xff, 11);  // OutOfRange, and the size
  EXPECT_EQ(-short_of_room >> 8, 5);
  EXPECT_EQ(try_dequeue(subscriber, buffer, sizeof buffer, nullptr), 5);
  EXPECT_STREQ(buffer, "hello");
  EXPECT_EQ(-try_dequeue(subscriber, buffer, sizeof buffer, nullptr) & 0xff, 14);  // Unavailable
  // A wait that runs out, in nanoseconds.
  EXPECT_EQ(
      -Call<long long(void*, void*, long long, long long, void*, void*)>("FaceSubscriber_Dequeue")(
          subscriber, buffer, sizeof buffer, 1'000'000, nullptr, nullptr) &
          0xff,
      4);
  Call<void(void*)>("FacePublisher_Close")(publisher);
  const long long closed =
      Call<long long(void*, const void*, long long)>("FacePublisher_TryEnqueue")(publisher, "x", 1);
  EXPECT_EQ(-closed & 0xff, 9);  // FailedPrecondition
  EXPECT_NE(Take(Call<char*(void*, long long)>("FacePublisher_ErrorText")(publisher, closed)), "");
  Call<void(void*)>("delete_FacePublisher")(publisher);
  Call<void(void*)>("delete_FaceSubscriber")(subscriber);
  Call<void(void*)>("delete_FaceOptions")(options);
  Call<void(void*)>("delete_FaceError")(error);
  EXPECT_TRUE(RemoveDirectoryA(directory.c_str()));  // the queue went with the last one
}

TEST_F(PInvokeTest, SaysWhyAQueueWasNotOpened) {
  void* error = Call<void*()>("new_FaceError")();
  void* options = Options("q", "C:\\no such directory");
  EXPECT_EQ(Call<void*(void*, void*)>("FacePublisher_Open")(options, error), nullptr);
  EXPECT_EQ(Call<int(void*)>("FaceError_Code")(error), 5);  // NotFound
  const std::string text = Take(Call<char*(void*)>("FaceError_Text")(error));
  EXPECT_NE(text.find("no such directory"), std::string::npos) << text;
  Call<void(void*)>("delete_FaceOptions")(options);
  Call<void(void*)>("delete_FaceError")(error);
}

// What a JVM gives the few calls that are made here: an array is the bytes themselves.
std::string array_bytes;
jbyteArray JNICALL NewByteArray(JNIEnv*, jsize size) {
  array_bytes.assign(static_cast<size_t>(size), '\0');
  return reinterpret_cast<jbyteArray>(&array_bytes);
}
void JNICALL SetByteArrayRegion(JNIEnv*, jbyteArray, jsize at, jsize size, const jbyte* bytes) {
  array_bytes.replace(static_cast<size_t>(at), static_cast<size_t>(size),
                      reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
}

class JniTest : public testing::Test {
 protected:
  JniTest() {
    functions_.NewByteArray = NewByteArray;
    functions_.SetByteArrayRegion = SetByteArrayRegion;
    env_.functions = &functions_;
  }
  template <typename Function>
  Function* Call(const std::string& name) const {
    return library_.Find<Function>("Java_io_interprocess_FaceCallsJNI_" + name);
  }

  const Library library_{"JAVA_DLL"};
  JNINativeInterface_ functions_ = {};
  JNIEnv env_;
};

TEST_F(JniTest, ExportsItsInterfaceAlone) {
  ExpectClosed(library_, {"Java_io_interprocess_", "JNI_On"}, 80);
}

TEST_F(JniTest, HasTheVersionThatTheLoaderAsksFor) {
  EXPECT_NE(Call<jbyteArray(JNIEnv*, jclass)>("faceVersion")(&env_, nullptr), nullptr);
  EXPECT_EQ(array_bytes, interprocess::kVersion);
}

TEST_F(JniTest, MakesAndDeletesObjects) {
  const jlong error = Call<jlong(JNIEnv*, jclass)>("new_1FaceError")(&env_, nullptr);
  ASSERT_NE(error, 0);
  EXPECT_EQ(Call<jint(JNIEnv*, jclass, jlong)>("FaceError_1code")(&env_, nullptr, error), 0);
  Call<void(JNIEnv*, jclass, jlong)>("delete_1FaceError")(&env_, nullptr, error);
}

}  // namespace
