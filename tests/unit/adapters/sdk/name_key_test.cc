#include "ndx/adapters/sdk/name_key.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::sdk {
namespace {

TEST_CASE("a name has one key however it is written") {
  struct Case {
    const char* name;
    const char* text;
    const char* key;
  };
  const Case cases[] = {
      {"composed", "Nguyễn Thị Đào", "NGUYENTHIDAO"},
      {"decomposed", "Nguye\u0302\u0303n Thi\u0323 Đa\u0300o", "NGUYENTHIDAO"},
      {"half composed", "Nguyê\u0303n Thị Đào", "NGUYENTHIDAO"},
      {"upper case", "NGUYỄN THỊ ĐÀO", "NGUYENTHIDAO"},
      {"plain", "nguyen thi dao", "NGUYENTHIDAO"},
      {"hyphen, dot, spaces", " Nguyễn-Thị  Đào. ", "NGUYENTHIDAO"},
      {"letter eth for Đ", "Ðào", "DAO"},
      {"digits stay", "H'Hen Niê 2", "HHENNIE2"},
      {"empty", "", ""},
      {"nothing to keep", "…?!", ""},
      {"cut UTF-8", "A\xE1\xBB", "A"},
      {"not UTF-8",
       "\xFF\xFE"
       "B",
       "B"},
      {"stray continuation",
       "\x80\x80"
       "C",
       "C"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(NameKey(c.text) == c.key);
  }
}

TEST_CASE("every Vietnamese letter has its base") {
  CHECK(NameKey("aàảãáạăằẳẵắặâầẩẫấậAÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬ") == std::string(36, 'A'));
  CHECK(NameKey("eèẻẽéẹêềểễếệEÈẺẼÉẸÊỀỂỄẾỆ") == std::string(24, 'E'));
  CHECK(NameKey("iìỉĩíịIÌỈĨÍỊ") == std::string(12, 'I'));
  CHECK(NameKey("oòỏõóọôồổỗốộơờởỡớợOÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢ") == std::string(36, 'O'));
  CHECK(NameKey("uùủũúụưừửữứựUÙỦŨÚỤƯỪỬỮỨỰ") == std::string(24, 'U'));
  CHECK(NameKey("yỳỷỹýỵYỲỶỸÝỴ") == std::string(12, 'Y'));
  CHECK(NameKey("dđDĐ") == std::string(4, 'D'));
}

}  // namespace
}  // namespace ndx::sdk
