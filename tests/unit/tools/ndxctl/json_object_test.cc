#include "ndx/tools/ndxctl/json_object.h"

#include <catch2/catch.hpp>

namespace ndx::tools::ndxctl {
namespace {

TEST_CASE("members keep their order, texts are quoted, absent ones left out") {
  JsonObject inner;
  inner.Add("code", "x");
  JsonObject object;
  object.Add("z", "a\"b\\\n");
  object.AddUnlessEmpty("empty", "");
  object.AddUnlessEmpty("vi", "lỗi");
  object.Add("list", std::vector<std::string>{"1", "2"});
  object.Add("a", inner);
  CHECK(object.ToString() == R"({"z":"a\"b\\\n","vi":"lỗi","list":["1","2"],"a":{"code":"x"}})");
  CHECK(JsonObject().ToString() == "{}");
}

}  // namespace
}  // namespace ndx::tools::ndxctl
