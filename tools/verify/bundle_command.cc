// ndx-verify bundle: an evidence bundle (hồ sơ chứng cứ), a directory or a tar archive.
#include <memory>
#include <string>
#include <vector>

#include "ndx/core/status_macros.h"
#include "ndx/tools/verify/bundle_verification.h"
#include "ndx/tools/verify/input_file.h"
#include "ndx/tools/verify/verify_line.h"

namespace ndx::tools::verify {
namespace {

struct BundleOptions {
  std::string key_file;
  std::string path;
  std::vector<std::string> signer_key_files;
};

absl::Status CheckBundle(const BundleOptions& options, Verdict& verdict) {
  NDX_ASSIGN_OR_RETURN(const auto keys, ReadKeys(options.key_file));
  const auto bundle = journal::BundleReader::Open(options.path);
  if (absl::IsInvalidArgument(bundle.status())) {
    verdict.Problem(
        {std::string(bundle.status().message()), "không phải kho lưu trữ tar của hồ sơ chứng cứ"});
    return absl::OkStatus();
  }
  NDX_RETURN_IF_ERROR(bundle.status());
  NDX_ASSIGN_OR_RETURN(const auto signers, ReadSignerKeys(options.signer_key_files));
  BundleVerification(*bundle, keys, signers, verdict).Run();
  return absl::OkStatus();
}

}  // namespace

void AddBundleCommand(VerifyLine& line) {
  auto options = std::make_shared<BundleOptions>();
  command_options::Command command = line.program().AddCommand(
      "bundle", "An evidence bundle of chosen exchanges (hồ sơ chứng cứ), directory or .tar");
  command
      .AddOption("--key-file", options->key_file,
                 "Public keys, one vkey a line; got from the node, not from the bundle")
      .Required();
  command
      .AddOption("--signer-key", options->signer_key_files,
                 "PEM file with a public key registered for a caller's system; repeated")
      .OneEachTime();
  command.AddOption("bundle", options->path, "The bundle").Required();
  line.Bind(command, "  ndx-verify bundle --key-file node.vkey case-17.tar",
            [options](Verdict& verdict) { return CheckBundle(*options, verdict); });
}

}  // namespace ndx::tools::verify
