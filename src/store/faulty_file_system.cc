#include "faulty_file_system.h"

#include <string>
#include <utility>

namespace ndx::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus ToIoStatus(const absl::Status& status) {
  return status.ok() ? IOStatus::OK() : IOStatus::IOError(std::string(status.message()));
}

class FaultyWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritableFile(std::unique_ptr<FSWritableFile>&& file, std::string path, FileFaults& faults)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), faults_(faults) {}

  IOStatus Append(const Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus fault = ToIoStatus(faults_.BeforeWrite(path_, bytes.size()));
    return fault.ok() ? FSWritableFileOwnerWrapper::Append(bytes, options, debug) : fault;
  }
  IOStatus Append(const Slice& bytes, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    const IOStatus fault = ToIoStatus(faults_.BeforeWrite(path_, bytes.size()));
    return fault.ok() ? FSWritableFileOwnerWrapper::Append(bytes, options, info, debug) : fault;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus fault = ToIoStatus(faults_.BeforeSync(path_));
    return fault.ok() ? FSWritableFileOwnerWrapper::Sync(options, debug) : fault;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus fault = ToIoStatus(faults_.BeforeSync(path_));
    return fault.ok() ? FSWritableFileOwnerWrapper::Fsync(options, debug) : fault;
  }

 private:
  const std::string path_;
  FileFaults& faults_;
};

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(FileFaults& faults)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}

  const char* Name() const override { return "NdxFaultyFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* out, IODebugContext* debug) override {
    return Wrap(FileSystemWrapper::NewWritableFile(path, options, out, debug), path, out);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* out,
                              IODebugContext* debug) override {
    return Wrap(FileSystemWrapper::ReopenWritableFile(path, options, out, debug), path, out);
  }
  IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                             const FileOptions& options, std::unique_ptr<FSWritableFile>* out,
                             IODebugContext* debug) override {
    return Wrap(FileSystemWrapper::ReuseWritableFile(path, old_path, options, out, debug), path,
                out);
  }

 private:
  IOStatus Wrap(const IOStatus& status, const std::string& path,
                std::unique_ptr<FSWritableFile>* out) {
    if (status.ok()) *out = std::make_unique<FaultyWritableFile>(std::move(*out), path, faults_);
    return status;
  }

  FileFaults& faults_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> NewFaultyFileSystem(FileFaults& faults) {
  return std::make_shared<FaultyFileSystem>(faults);
}

}  // namespace ndx::store
