minutes = { $minutes ->
    [0] ایک منٹ سے کم
   *[other] { $minutes } منٹ
}
code = { $code } آپ کا { $brand } کوڈ ہے۔ { minutes } تک کارآمد ہے۔ یہ کسی کو نہ بتائیں۔
short = { $code } { $brand } کوڈ، { minutes }۔ کسی کو نہ بتائیں۔
reference = حوالہ: { $reference }۔
