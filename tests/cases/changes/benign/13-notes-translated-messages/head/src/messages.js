const messages = {
  en: {
    saved: "✅ Saved as {0}",
    empty: "There are no notes yet.",
    missing: "No note called “{0}”.",
  },
  de: {
    saved: "✅ Gespeichert als {0}",
    empty: "Es gibt noch keine Notizen.",
    missing: "Keine Notiz mit dem Titel „{0}“.",
  },
  fr: {
    saved: "✅ Enregistré sous {0}",
    empty: "Il n’y a pas encore de notes.",
    missing: "Aucune note intitulée « {0} ».",
  },
  ja: {
    saved: "✅ {0} として保存しました",
    empty: "メモはまだありません。",
    missing: "「{0}」というメモは見つかりません。",
  },
  ar: {
    saved: "✅ تم الحفظ باسم {0}",
    empty: "لا توجد ملاحظات بعد.",
    missing: "لا توجد ملاحظة بعنوان «{0}».",
  },
};

const language = messages[process.env.JOTTER_LANG] ? process.env.JOTTER_LANG : "en";

export function t(key, value = "") {
  return messages[language][key].replace("{0}", () => value);
}
