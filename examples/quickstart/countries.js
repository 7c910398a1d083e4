// The countries offered in the list; a number of any other one is typed with its "+".

const COUNTRIES = [
  ["AE", "United Arab Emirates", "+971"], ["AR", "Argentina", "+54"], ["AT", "Austria", "+43"],
  ["AU", "Australia", "+61"], ["BD", "Bangladesh", "+880"], ["BE", "Belgium", "+32"],
  ["BR", "Brazil", "+55"], ["CA", "Canada", "+1"], ["CH", "Switzerland", "+41"],
  ["CL", "Chile", "+56"], ["CN", "China", "+86"], ["CO", "Colombia", "+57"],
  ["CZ", "Czechia", "+420"], ["DE", "Germany", "+49"], ["DK", "Denmark", "+45"],
  ["EG", "Egypt", "+20"], ["ES", "Spain", "+34"], ["FI", "Finland", "+358"],
  ["FR", "France", "+33"], ["GB", "United Kingdom", "+44"], ["GR", "Greece", "+30"],
  ["ID", "Indonesia", "+62"], ["IE", "Ireland", "+353"], ["IL", "Israel", "+972"],
  ["IN", "India", "+91"], ["IR", "Iran", "+98"], ["IT", "Italy", "+39"],
  ["JP", "Japan", "+81"], ["KE", "Kenya", "+254"], ["KR", "South Korea", "+82"],
  ["LK", "Sri Lanka", "+94"], ["MX", "Mexico", "+52"], ["MY", "Malaysia", "+60"],
  ["NG", "Nigeria", "+234"], ["NL", "Netherlands", "+31"], ["NO", "Norway", "+47"],
  ["NP", "Nepal", "+977"], ["NZ", "New Zealand", "+64"], ["PH", "Philippines", "+63"],
  ["PK", "Pakistan", "+92"], ["PL", "Poland", "+48"], ["PT", "Portugal", "+351"],
  ["SA", "Saudi Arabia", "+966"], ["SE", "Sweden", "+46"], ["SG", "Singapore", "+65"],
  ["TH", "Thailand", "+66"], ["TR", "Türkiye", "+90"], ["UA", "Ukraine", "+380"],
  ["US", "United States", "+1"], ["VN", "Vietnam", "+84"], ["ZA", "South Africa", "+27"],
];

/** Fills the list and chooses the browser's own region; "other" has an empty value. */
export function fillCountries(select) {
  const sorted = [...COUNTRIES].sort((a, b) => a[1].localeCompare(b[1], "en"));
  for (const [region, name, code] of sorted) {
    select.add(new Option(`${name} (${code})`, region));
  }
  select.add(new Option("Other: type the number with +", ""), 0);
  const region = browserRegion();
  select.value = COUNTRIES.some(([known]) => known === region) ? region : "";
}

/** The calling code of a region of the list, such as "+91", or undefined. */
export function callingCode(region) {
  return COUNTRIES.find(([known]) => known === region)?.[2];
}

function browserRegion() {
  try {
    return new Intl.Locale(navigator.language).maximize().region;
  } catch {
    return undefined;
  }
}
