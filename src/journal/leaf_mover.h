// Takes the part keys of one leaf's exchange from under its exchange key and puts them under the
// keys of the parts' subjects. Private to this folder.
//
// Thread-safety: belongs to one thread. Ownership: what it refers to outlives it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ndx/journal/payload_subjects.h"
#include "payload_keys.h"
#include "store_reader.h"
#include "subject_keys.h"

namespace ndx::journal {

class LeafMover {
 public:
  struct Parts {
    const StoreReader& reader;
    const PayloadKeys& keys;
    SubjectKeys& subjects;
    MethodTypesSource types;
  };
  explicit LeafMover(Parts parts) : parts_(std::move(parts)) {}

  // Adds to the move what a leaf makes possible: when an exchange is opened, the subjects of its
  // request; when it is closed, or becomes one in doubt, all its keys. *done gets the leaves under
  // whose index a wrapped exchange key is then no longer needed. What cannot be decrypted is moved
  // without subjects of its own; errors are those of the disk.
  absl::Status Follow(const StoredLeaf& leaf, KeyMove* move, std::vector<uint64_t>* done);

 private:
  using Texts = std::vector<std::vector<std::string>>;

  // One direction of the payload stored with a leaf.
  struct Side {
    uint32_t parts = 0;
    std::vector<Part> opened;  // empty if it could not be
    Texts subjects;            // of each part; as many as parts
  };
  // What is stored with one leaf.
  struct Stored {
    StoredLeaf leaf;
    bool wrapped = false;  // an exchange key is kept under the leaf's index
    bool damaged = false;  // and it, or what it is wrapped by, is not as it was written
    std::optional<v1::StoredPayloads> payloads;
    std::optional<LeafKeys> keys;
    Side request;
    Side response;
  };

  absl::StatusOr<Stored> Read(const StoredLeaf& leaf, const MethodTypes& types) const;
  absl::Status Open(Stored& stored, Direction direction, const MethodTypes& types) const;
  // The subjects of whatever of the exchange names none of its own.
  std::vector<std::string> SubjectsOfExchange(const Stored& first, const Stored& last) const;
  absl::Status Move(const Stored& stored, const std::vector<std::string>& of_exchange,
                    KeyMove* move) const;
  absl::StatusOr<PartToMove> PartOf(const Stored& stored, Direction direction, uint32_t number,
                                    std::vector<std::string> subjects) const;
  absl::Status AddReferences(const Stored& first, const Stored& last, KeyMove* move) const;

  const Parts parts_;
};

}  // namespace ndx::journal
