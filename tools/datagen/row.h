// One row of a table on its way into a database, and the tables of the four databases.
//
// Thread-safety: thread-compatible.
// Ownership: a row owns its text; a consumer must not keep views of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ndx/tools/datagen/nation.h"

namespace ndx::tools::datagen {

class Row {
 public:
  enum class Kind : uint8_t { kNull, kText, kInteger };
  struct Cell {
    Kind kind = Kind::kNull;
    uint32_t offset = 0;
    uint32_t size = 0;
    int64_t integer = 0;
  };

  void Clear() {
    cells_.clear();
    text_.clear();
  }
  void Null() { cells_.push_back({}); }
  void Integer(int64_t value) { cells_.push_back({Kind::kInteger, 0, 0, value}); }
  void Text(absl::string_view value) {
    cells_.push_back(
        {Kind::kText, static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(value.size()), 0});
    text_.append(value.data(), value.size());
  }
  // NULL where empty.
  void TextOrNull(absl::string_view value) { value.empty() ? Null() : Text(value); }

  absl::Span<const Cell> cells() const { return cells_; }
  absl::string_view TextOf(const Cell& cell) const {
    return absl::string_view(text_).substr(cell.offset, cell.size);
  }

 private:
  std::vector<Cell> cells_;
  std::string text_;
};

using RowConsumer = absl::FunctionRef<void(const Row&)>;

struct Table {
  absl::string_view name;
  std::vector<absl::string_view> columns;
  // Calls the consumer for every row, in the order of the primary key where that is cheap.
  void (*write)(const Nation& nation, RowConsumer consumer);
};

struct Database {
  absl::string_view
      name;  // population, business_registry, social_insurance, land: the adapter's folder
  absl::string_view schema;  // SQL of adapters/<name>/schema.sql
  std::vector<Table> tables;
  // SQL to run after the rows are in.
  std::string (*after)(const Nation& nation);
};

Database PopulationDatabase();
Database BusinessRegistryDatabase();
Database SocialInsuranceDatabase();
Database LandDatabase();

// All four, in this order.
std::vector<Database> Databases();

}  // namespace ndx::tools::datagen
