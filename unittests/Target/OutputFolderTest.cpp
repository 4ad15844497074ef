//===- OutputFolderTest.cpp ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/OutputFile.h"
#include "sumac/Target/OutputFolder.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SHA256.h"
#include "gtest/gtest.h"

using namespace sumac;
namespace fs = llvm::sys::fs;

namespace {
class OutputFolderTest : public testing::Test {
protected:
  void SetUp() override {
    llvm::SmallString<128> made;
    ASSERT_FALSE(fs::createUniqueDirectory("sumac-output-folder", made));
    root = made.str().str();
  }
  void TearDown() override { (void)fs::remove_directories(root); }

  std::string read(const std::string &name) {
    auto buffer = llvm::MemoryBuffer::getFile(root + "/" + name);
    return buffer ? (*buffer)->getBuffer().str() : "<none>";
  }

  /// Number of entries in the folder, hidden ones included.
  int count(const std::string &folder) {
    std::error_code code;
    int number = 0;
    for (fs::directory_iterator it(folder, code), end; it != end && !code;
         it.increment(code))
      ++number;
    return number;
  }

  std::string root;
};
} // namespace

TEST_F(OutputFolderTest, CommitMovesEverything) {
  auto folder = OutputFolder::create(root + "/a/b/");
  ASSERT_TRUE(static_cast<bool>(folder));
  ASSERT_FALSE((*folder)->write("x.txt", "one"));
  ASSERT_FALSE((*folder)->write("sub/y.txt", "two"));
  EXPECT_EQ(read("a/b/x.txt"), "<none>");
  ASSERT_FALSE((*folder)->commit());
  folder->reset();
  EXPECT_EQ(read("a/b/x.txt"), "one");
  EXPECT_EQ(read("a/b/sub/y.txt"), "two");
  EXPECT_EQ(count(root + "/a"), 1);
}

TEST_F(OutputFolderTest, NothingIsLeftWithoutCommit) {
  auto folder = OutputFolder::create(root + "/a/b");
  ASSERT_TRUE(static_cast<bool>(folder));
  ASSERT_FALSE((*folder)->write("x.txt", "one"));
  folder->reset();
  EXPECT_EQ(count(root), 0);
}

TEST_F(OutputFolderTest, ExistingFilesStay) {
  for (const char *contents : {"old", "new"}) {
    auto folder = OutputFolder::create(root + "/a");
    ASSERT_TRUE(static_cast<bool>(folder));
    ASSERT_FALSE((*folder)->write("both.txt", contents));
    ASSERT_FALSE((*folder)->write("sub/" + std::string(contents), contents));
    ASSERT_FALSE((*folder)->commit());
  }
  EXPECT_EQ(read("a/both.txt"), "new");
  EXPECT_EQ(read("a/sub/old"), "old");
  EXPECT_EQ(read("a/sub/new"), "new");
  EXPECT_EQ(count(root + "/a"), 2);
}

TEST_F(OutputFolderTest, ManifestRemovesWhatIsOldAndUnchanged) {
  auto emit = [&](const std::vector<std::string> &names, const std::string &contents) {
    auto folder = OutputFolder::create(root + "/a");
    ASSERT_TRUE(static_cast<bool>(folder));
    for (const std::string &name : names)
      ASSERT_FALSE((*folder)->write(name, contents));
    ASSERT_FALSE((*folder)->writeManifest());
    ASSERT_FALSE((*folder)->commit());
  };
  auto put = [&](const std::string &name, const std::string &contents) {
    ASSERT_FALSE(writeFile(root + "/" + name, contents));
  };
  emit({"both", "gone", "changed", "sub/deep/gone", "kept/gone"}, "old");
  put("a/changed", "mine");
  put("a/mine", "mine");
  put("a/kept/mine", "mine");
  emit({"both", "new"}, "new");
  EXPECT_EQ(read("a/both"), "new");
  EXPECT_EQ(read("a/new"), "new");
  EXPECT_EQ(read("a/gone"), "<none>");
  EXPECT_EQ(read("a/kept/gone"), "<none>");
  EXPECT_FALSE(fs::exists(root + "/a/sub"));
  for (const char *name : {"a/changed", "a/mine", "a/kept/mine"})
    EXPECT_EQ(read(name), "mine");
  // both, new, changed, mine, kept, files.sha256
  EXPECT_EQ(count(root + "/a"), 6);
}

TEST_F(OutputFolderTest, ManifestNamesNothingElse) {
  // A manifest that someone made: all of these files have the hash that it says.
  ASSERT_FALSE(fs::create_directories(root + "/a/folder"));
  ASSERT_FALSE(fs::create_directory(root + "/other"));
  ASSERT_FALSE(fs::create_link(root + "/other", root + "/a/link"));
  ASSERT_FALSE(fs::create_link(root + "/outside", root + "/a/file-link"));
  std::string manifest = "\n  \nno manifest\n";
  auto sum = [&](const std::string &name) {
    return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef("x")), /*LowerCase=*/true) + "  " + name + "\n";
  };
  for (const char *name : {"outside", "other/x"})
    ASSERT_FALSE(writeFile(root + "/" + name, "x"));
  for (std::string name : {"../outside", "./../outside", "folder/../../outside", "link/x", "file-link", "folder", ""})
    manifest += sum(name);
  manifest += sum(root + "/outside");
  ASSERT_FALSE(writeFile(root + "/a/files.sha256", manifest));
  auto folder = OutputFolder::create(root + "/a");
  ASSERT_TRUE(static_cast<bool>(folder));
  ASSERT_FALSE((*folder)->writeManifest());
  ASSERT_FALSE((*folder)->commit());
  for (const char *name : {"outside", "other/x", "a/link/x", "a/file-link"})
    EXPECT_EQ(read(name), "x");
  EXPECT_TRUE(fs::is_directory(root + "/a/folder"));
}

TEST_F(OutputFolderTest, Errors) {
  ASSERT_FALSE(llvm::writeToOutput(root + "/file", [](llvm::raw_ostream &os) {
    os << "x";
    return llvm::Error::success();
  }));
  auto isFile = OutputFolder::create(root + "/file");
  EXPECT_EQ(llvm::toString(isFile.takeError()),
            "cannot write to '" + root +
                "/file': it exists and is not a folder");
  auto below = OutputFolder::create(root + "/file/a");
  EXPECT_TRUE(static_cast<bool>(below.takeError()));
  auto empty = OutputFolder::create("");
  EXPECT_EQ(llvm::toString(empty.takeError()),
            "the output folder's name is empty");
  auto folder = OutputFolder::create(root + "/a");
  ASSERT_TRUE(static_cast<bool>(folder));
  EXPECT_EQ(llvm::toString((*folder)->write("../x", "one")),
            "'../x' leaves the output folder");
}
