// What the thread sanitizer is told to leave out; part of every program of the tsan preset.
//
// Debian's libraries are built without the sanitizer, so it does not see how they order their own
// threads: absl::Mutex and atomics inside gRPC, atomics inside OpenSSL, spdlog and RocksDB. Reports
// with a frame inside one of them are left out. Nothing of the node's data plane uses gRPC.

extern "C" const char* __tsan_default_suppressions() {
  return "race:libgrpc.so\n"
         "race:libgrpc++.so\n"
         "race:libgpr.so\n"
         "race:libabsl_\n"
         "race:libcrypto.so\n"
         "race:libssl.so\n"
         "race:libspdlog.so\n"
         "race:librocksdb.so\n"
         // Of writers that meet, RocksDB's first copies the batches of the others, through the
         // program's own std::string, whose frames hide that of the library.
         "race:WriteSynced\n"
         "race:absl::debian3::Status::Unref\n";  // counts in libabsl_status.so
}
