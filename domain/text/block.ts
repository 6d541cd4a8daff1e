/** One document model, rendered by each adapter into what its product shows (HTML, ADF, wiki, blocks). */
export type Block =
  | { type: 'heading'; text: string }
  | { type: 'paragraph'; text: string }
  /** Written by a model: always shown with the mark *AI-generated guidance*. */
  | { type: 'generated'; text: string; llmSessionId: string }
  | { type: 'facts'; rows: readonly { label: string; value: string }[] }
  | { type: 'list'; items: readonly string[] }
  | { type: 'code'; language: string; text: string }
  | { type: 'link'; text: string; url: string };
