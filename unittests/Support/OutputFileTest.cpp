//===- OutputFileTest.cpp - Files written whole or not at all ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/OutputFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>

using namespace sumac;
namespace fs = llvm::sys::fs;

namespace {
class OutputFileTest : public testing::Test {
protected:
  void SetUp() override {
    llvm::SmallString<128> made;
    ASSERT_FALSE(fs::createUniqueDirectory("sumac-output-file", made));
    // LLVM's own patterns would replace the percent signs.
    root = (made + "/100%%%").str();
    ASSERT_FALSE(fs::create_directory(root));
  }
  void TearDown() override { (void)fs::remove_directories(llvm::StringRef(root).rsplit('/').first); }

  std::string read(const std::string &name) {
    auto buffer = llvm::MemoryBuffer::getFileAsStream(root + "/" + name);
    return buffer ? (*buffer)->getBuffer().str() : "<none>";
  }
  std::string write(const std::string &name, llvm::StringRef contents) {
    return llvm::toString(writeFile(root + "/" + name, contents));
  }
  int count() {
    std::error_code code;
    int number = 0;
    for (fs::directory_iterator it(root, code), end; it != end && !code; it.increment(code))
      ++number;
    return number;
  }

  std::string root;
};

/// Files cannot grow beyond some bytes: writes fail as they do on a full disk.
class FullDisk {
public:
  FullDisk() {
    previous = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    rlimit small = {4096, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &limit);
    (void)std::signal(SIGXFSZ, previous);
  }

private:
  rlimit limit;
  void (*previous)(int);
};
} // namespace

TEST_F(OutputFileTest, Replaces) {
  EXPECT_EQ(write("a", "one"), "");
  EXPECT_EQ(write("a", "two"), "");
  EXPECT_EQ(read("a"), "two");
  EXPECT_EQ(count(), 1);
}

TEST_F(OutputFileTest, FollowsLinks) {
  EXPECT_EQ(write("a", "one"), "");
  ASSERT_FALSE(fs::create_link(root + "/a", root + "/link"));
  EXPECT_EQ(write("link", "two"), "");
  EXPECT_EQ(read("a"), "two");
  bool isLink = false;
  EXPECT_FALSE(fs::is_symlink_file(root + "/link", isLink));
  EXPECT_TRUE(isLink);
  EXPECT_EQ(count(), 2);
}

TEST_F(OutputFileTest, LeavesWhatIsThereOnAFullDisk) {
  EXPECT_EQ(write("a", "one"), "");
  {
    FullDisk full;
    EXPECT_EQ(write("a", std::string(100000, 'x')), "cannot write '" + root + "/a': File too large");
    EXPECT_EQ(write("b", std::string(4097, 'x')), "cannot write '" + root + "/b': File too large");
  }
  EXPECT_EQ(read("a"), "one");
  EXPECT_EQ(count(), 1);
}

TEST_F(OutputFileTest, WritesToPipes) {
  std::string path = root + "/pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = read("pipe"); });
  EXPECT_EQ(write("pipe", "one"), "");
  reader.join();
  EXPECT_EQ(got, "one");
  fs::file_status status;
  EXPECT_FALSE(fs::status(path, status));
  EXPECT_EQ(status.type(), fs::file_type::fifo_file);
}

TEST_F(OutputFileTest, Errors) {
  EXPECT_EQ(write("none/a", "one"), "cannot write '" + root + "/none/a': No such file or directory");
  EXPECT_EQ(llvm::toString(writeFile(root, "one")), "cannot write '" + root + "': Is a directory");
  EXPECT_EQ(count(), 0);
}
