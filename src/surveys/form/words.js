// What the form itself says. What is asked comes from the survey, in the survey's languages.

const en = {
  language: "Language",
  required: "Needed",
  optionalNote: "You may skip everything that is not marked as needed.",
  expected: "What you expect",
  lived: "How it was",
  minimum: "What would just be acceptable",
  clear: "Clear answer",
  number: (min, max) => `A number from ${min} to ${max}`,
  several: "Several are possible.",
  customer: "Your customer or order number",
  customerHelp: "So that everybody answers once.",
  importance: "How important are these to you?",
  importanceHelp: "Spread 100 points. Leave all empty if you would rather not.",
  pointsLeft: (left) => (left === 0 ? "All points are spread." : left > 0 ? `${left} points left.` : `${-left} points too many.`),
  dimensions: {
    reliability: "Doing what was promised, dependably",
    responsiveness: "Helping at once",
    assurance: "Knowledge and courtesy that inspire trust",
    empathy: "Care and individual attention",
    tangibles: "How places, tools, people and papers look",
  },
  comment: "Anything else you would like to say?",
  share: "Whoever did the work may read what I write here.",
  compliment: "Would you like to praise somebody?",
  contact: "May we come back to you?",
  contactHelp: "Only if you would like to hear from us.",
  name: "Name",
  email: "E-mail",
  phone: "Phone",
  progress: (done, all) => `${done} of ${all} answered`,
  send: "Send",
  sending: "Sending…",
  missing: "Please answer this.",
  nothing: "Please answer at least one question.",
  notANumber: (min, max) => `Please give a number from ${min} to ${max}.`,
  notHundred: "The points have to add up to 100.",
  notAnEmail: "This does not look like an e-mail address.",
  problems: (count) => (count === 1 ? "One thing is missing or not right." : `${count} things are missing or not right.`),
  refused: "Your answer could not be taken.",
  thanks: "Thank you",
  thanksText: "Your answer has arrived.",
  receipt: "Receipt",
  loading: "One moment…",
  again: "Try again",
  ends: {
    invalid: ["This link is not complete", "Please open it again exactly as you got it."],
    link_used_up: ["This link was used already", "Thank you: an answer has arrived."],
    link_expired: ["The time to answer is over", "Thank you for wanting to answer."],
    gone: ["This link is closed", "Nobody is asked this any more."],
    rate_limited: ["Too many at once", "Please try again in a moment."],
    offline: ["We could not be reached", "Please check your connection and try again. Nothing you entered is lost."],
  },
};

const de = {
  language: "Sprache",
  required: "Erforderlich",
  optionalNote: "Alles, was nicht als erforderlich markiert ist, dürfen Sie auslassen.",
  expected: "Was Sie erwarten",
  lived: "Wie es war",
  minimum: "Was gerade noch in Ordnung wäre",
  clear: "Antwort löschen",
  number: (min, max) => `Eine Zahl von ${min} bis ${max}`,
  several: "Mehrere sind möglich.",
  customer: "Ihre Kunden- oder Auftragsnummer",
  customerHelp: "Damit jeder einmal antwortet.",
  importance: "Wie wichtig ist Ihnen das?",
  importanceHelp: "Verteilen Sie 100 Punkte. Lassen Sie alles leer, wenn Sie nicht möchten.",
  pointsLeft: (left) => (left === 0 ? "Alle Punkte sind verteilt." : left > 0 ? `Noch ${left} Punkte.` : `${-left} Punkte zu viel.`),
  dimensions: {
    reliability: "Verlässlich tun, was versprochen wurde",
    responsiveness: "Sofort helfen",
    assurance: "Können und Höflichkeit, die Vertrauen schaffen",
    empathy: "Zuwendung und Eingehen auf den Einzelnen",
    tangibles: "Wie Räume, Werkzeug, Leute und Unterlagen aussehen",
  },
  comment: "Möchten Sie noch etwas sagen?",
  share: "Wer die Arbeit gemacht hat, darf lesen, was ich hier schreibe.",
  compliment: "Möchten Sie jemanden loben?",
  contact: "Dürfen wir uns bei Ihnen melden?",
  contactHelp: "Nur, wenn Sie von uns hören möchten.",
  name: "Name",
  email: "E-Mail",
  phone: "Telefon",
  progress: (done, all) => `${done} von ${all} beantwortet`,
  send: "Absenden",
  sending: "Wird gesendet…",
  missing: "Bitte beantworten Sie das.",
  nothing: "Bitte beantworten Sie mindestens eine Frage.",
  notANumber: (min, max) => `Bitte geben Sie eine Zahl von ${min} bis ${max} an.`,
  notHundred: "Die Punkte müssen zusammen 100 ergeben.",
  notAnEmail: "Das sieht nicht nach einer E-Mail-Adresse aus.",
  problems: (count) => (count === 1 ? "Eine Angabe fehlt oder stimmt nicht." : `${count} Angaben fehlen oder stimmen nicht.`),
  refused: "Ihre Antwort konnte nicht angenommen werden.",
  thanks: "Vielen Dank",
  thanksText: "Ihre Antwort ist angekommen.",
  receipt: "Beleg",
  loading: "Einen Moment…",
  again: "Noch einmal versuchen",
  ends: {
    invalid: ["Dieser Link ist nicht vollständig", "Bitte öffnen Sie ihn noch einmal genau so, wie Sie ihn bekommen haben."],
    link_used_up: ["Dieser Link wurde schon benutzt", "Vielen Dank: Eine Antwort ist angekommen."],
    link_expired: ["Die Zeit zum Antworten ist vorbei", "Vielen Dank, dass Sie antworten wollten."],
    gone: ["Dieser Link ist geschlossen", "Das wird nicht mehr gefragt."],
    rate_limited: ["Zu viele auf einmal", "Bitte versuchen Sie es gleich noch einmal."],
    offline: ["Wir waren nicht erreichbar", "Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal. Nichts ist verloren."],
  },
};

const all = { en, de };

/** The words in a language, or in a close one, or in English. */
export function words(language) {
  return all[language] || all[language.split("-")[0]] || en;
}

const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur", "yi"];

export function direction(language) {
  return RIGHT_TO_LEFT.includes(language.split("-")[0]) ? "rtl" : "ltr";
}

/** The first of the reader's languages that is offered, or a close one, or the first that is offered. */
export function best(offered, wanted) {
  for (const one of wanted) {
    const close = offered.find((known) => known.toLowerCase() === one.toLowerCase())
      || offered.find((known) => known.split("-")[0] === one.toLowerCase().split("-")[0]);
    if (close) return close;
  }
  return offered[0];
}
