// Takes the part keys of an exchange from under its exchange key and puts them under the keys of
// the parts' subjects, leaf by leaf. Private to this folder.
//
// Thread-safety: belongs to one thread. Ownership: what it refers to outlives it.
// It lives for one round of the follower, in which nobody is erased, and remembers what it has read
// of the journal until then: most exchanges are opened and closed within one round, and their
// requests are read, unwrapped and decrypted once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "ndx/journal/payload_subjects.h"
#include "ndx/journal/unmoved_keys.h"
#include "ndx/store/ascending_lookup.h"
#include "payload_keys.h"
#include "store_layout.h"
#include "store_reader.h"
#include "subject_keys.h"

namespace ndx::journal {

class LeafMover {
 public:
  struct Parts {
    const store::Database& database;  // the journal's
    const StoreReader& reader;
    const PayloadKeys& keys;
    SubjectKeys& subjects;
    UnmovedKeys& unmoved;
    const MethodTypesSource& types;
  };
  explicit LeafMover(const Parts& parts)
      : parts_(parts),
        wraps_(parts.database, kKeyFamily),
        payloads_(parts.database, kPayloadFamily) {}

  // Adds to the move what a leaf makes possible: when an exchange is opened, the subjects of its
  // request; when it is closed, or becomes one in doubt, all its keys. *done gets the leaves under
  // whose index a wrapped exchange key is then no longer needed. What cannot be decrypted is moved
  // without subjects of its own; errors are those of the disk. Leaves come in ascending order.
  absl::Status Follow(const StoredLeaf& leaf, KeyMove* move, std::vector<uint64_t>* done);

 private:
  // One direction of the payload stored with a leaf.
  struct Side {
    std::vector<PartToMove> parts;      // without keys where there is no exchange key
    std::vector<std::string> subjects;  // named in it, ascending
  };
  // What is stored with one leaf.
  struct Stored {
    uint64_t index = 0;
    std::string exchange_id;
    bool first = false;                // continues no other leaf
    bool wrapped = false;              // an exchange key is kept under the leaf's index
    bool damaged = false;              // and it, or what it is wrapped by, is not as it was written
    bool earlier = false;              // of a round before this one
    bool moved = false;                // its keys are with their subjects already
    bool movable = false;              // its parts' keys are here
    crypto::SecretBytes exchange_key;  // under which its payload is; empty if it is not known
    Side request;
    Side response;
    std::vector<PartToMove> signature;  // none or one
  };
  using SharedStored = std::shared_ptr<Stored>;

  // What is stored with a leaf: from memory, or where it is not there, from the store.
  absl::StatusOr<SharedStored> Read(const StoredLeaf& leaf);
  SharedStored Take(const StoredLeaf& leaf);  // null if it is not in memory
  absl::StatusOr<SharedStored> FirstOf(const StoredLeaf& leaf);
  absl::StatusOr<LeafKeys> Find(const Stored& stored, uint64_t key_leaf,
                                const v1::WrappedExchangeKey& wrap) const;
  // The keys of what is stored with a leaf; nullopt if they are gone or damaged.
  absl::StatusOr<std::optional<LeafKeys>> KeysOf(Stored& stored, uint64_t key_leaf,
                                                 const v1::WrappedExchangeKey& wrap);
  absl::Status Open(const StoredLeaf& leaf, const v1::StoredPayloads& payloads, Direction direction,
                    const LeafKeys& keys, const google::protobuf::Descriptor* type, Side* side);
  void AddSubjects(const std::vector<std::string>& subjects, PartToMove* part, Side* side);
  // The subjects of whatever of the exchange names none of its own.
  absl::StatusOr<std::vector<std::string>> SubjectsOfExchange(const Stored& first,
                                                              const Stored& last);
  static absl::Status Move(Stored& stored, const std::vector<std::string>& of_exchange,
                           KeyMove* move);
  absl::Status AddReferences(const StoredLeaf& leaf, const Stored& first, const Stored& last,
                             KeyMove* move);
  const MethodTypes& TypesOf(const std::string& method);
  const std::string& IdOf(const std::string& subject);  // valid until the next call
  absl::StatusOr<v1::KeyedReference> ReferenceTo(const std::string& subject, uint32_t year);

  const Parts parts_;
  store::AscendingLookup wraps_;
  store::AscendingLookup payloads_;
  // Of this round: requests by their leaf, and what was worked out of each text.
  absl::flat_hash_map<uint64_t, SharedStored> requests_;
  std::map<std::string, MethodTypes> types_;
  absl::flat_hash_map<std::string, std::string> ids_;
  absl::flat_hash_map<std::pair<uint32_t, std::string>, v1::KeyedReference> references_;
};

}  // namespace ndx::journal
