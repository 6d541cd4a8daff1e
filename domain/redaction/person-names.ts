/**
 * Given names that are common in many countries (public birth statistics; the choice is ours). One of them followed by
 * a capitalised word is taken for a person. Names that are words of the cloud (`Chase`, `Grant`, `Page`) are left out.
 */
const GIVEN_NAMES = new Set(
  (
    'aaron abigail adam ada adrian ahmed aiko aisha akira alan albert alejandro alex alexander alexandra alfred ali alice alicia amanda ' +
    'amelia amina amir amy ana anders andrea andreas andrew andrei angela anita anna anne antonio arjun arthur barbara beatriz benjamin ' +
    'bernard beth betty bob brandon brian bruno camila carl carla carlos carol caroline catherine charles charlotte chen chiara chloe ' +
    'christian christina christine christopher claire clara claudia cynthia dana daniel daniela david deborah deepak dennis diana diego ' +
    'dmitri donald donna dorothy edward elena eleanor elizabeth ella emily emma eric erik ethan eva evelyn fatima felipe felix fernando ' +
    'florian frances francesca francisco frank frederik gabriel gary george giovanni gloria greg gregory hannah hans harold harry hassan ' +
    'heather helen helena henry hiroshi ibrahim ines ingrid irene isabel isabella ivan jack jacob jacqueline james jan jane janet jason ' +
    'javier jean jeff jeffrey jennifer jens jeremy jessica jim joan joanna joao johan johann johannes john jonas jonathan jorge jose joseph ' +
    'joshua juan judith julia julian julie juliette justin kamala karen karl katarina kate katherine kathleen kavya keiko kelly kenneth ' +
    'kenji kevin kim klaus kyle lars laura lauren lea lena leo leon leonardo lily linda lisa liu lorenzo louis louise luca lucas lucia lucy ' +
    'luis luke magnus mandy manuel marco margaret maria marie marina mario mark marta martha martin martina mary mateo matthew maya mehmet ' +
    'mei melissa mia michael michelle miguel mohamed mohammed monica muhammad nancy natalie natasha nathan nicholas nicola nicole nikolai ' +
    'nina noah noor nora olaf olga oliver olivia omar oscar pablo pamela patricia patrick paul paula pedro peter petra philip pierre priya ' +
    'rachel rafael rahul raj ralph ravi rebecca ricardo richard robert roberto roger roland ronald rosa ruth ryan sabine samantha samir ' +
    'samuel sandra sanjay sara sarah scott sean sebastian sergei sharon simon simone sofia sophia sophie stefan stephanie stephen steven ' +
    'sunita susan suresh susanne sven sylvia takashi tanya tatiana teresa theodore theresa thomas tiago tim timothy tobias tom tomas tyler ' +
    'ulrich ursula valentina vanessa vera veronica victor victoria vijay vincent virginia vladimir walter wei werner william wolfgang xavier ' +
    'yasmin yuki yusuf zainab zoe'
  ).split(' '),
);

/** Capitalised words of the field that no surname should be guessed from. */
const FIELD_WORDS = new Set(
  (
    'access account action admin administrator alert amazon api audit authorization aws azure bucket center change cloud compliance console control database default ' +
    'department developer engineering environment finding function gateway google group identity instance inventory key kubernetes lambda ' +
    'logs manager management monitoring network object operations owner permission platform policy production project report request ' +
    'resource role secret secrets security server service services staging storage store support system systems team terraform token user ' +
    'users vault workload'
  ).split(' '),
);

/** Whether capitalised words look like the name of a person: a common given name first, and no word of the field. */
export function looksLikePerson(words: string): boolean {
  const [first = '', ...rest] = words.split(' ').map((word) => word.toLowerCase().replace(/\.$/, ''));
  return GIVEN_NAMES.has(withoutAccents(first)) && rest.every((word) => !FIELD_WORDS.has(word));
}

/** Whether none of the words belongs to the field, for places where a name is expected. */
export function mayBePerson(words: string): boolean {
  return words.split(' ').every((word) => !FIELD_WORDS.has(word.toLowerCase()));
}

function withoutAccents(word: string): string {
  return word.normalize('NFD').replaceAll(/\p{M}/gu, '');
}
