/** The models that a prompt may name. */

/** Millionths of a dollar for a million tokens. */
export interface ModelPrice {
  input: number;
  cached_input: number;
  output: number;
}

export interface Model {
  name: string;
  /** Whether it answers prompts that name none. */
  is_default: boolean;
  /** How many tokens a prompt may take with earlier turns and its answer; null if that is not told. */
  context_tokens: number | null;
  /** How many tokens an answer may have; null if it is not limited. */
  output_tokens: number | null;
  /** Null if it is not known. */
  price: ModelPrice | null;
  /** What a prompt may hold: `text`, and perhaps `image` and `file`; ignore others. */
  accepts: string[];
  /** Whether its server keeps to a JSON Schema; otherwise the answer is only checked. */
  structured_output: boolean;
}

export interface Models {
  models: Model[];
  /** The one that answers prompts that name none. */
  default: string;
}
