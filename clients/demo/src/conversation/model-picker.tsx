/** Which model is asked next, where there are several. */

import { useEffect, useState } from "react";
import type { FrameStreamClient, Models } from "framestream";
import { keep, recall } from "../store.ts";

const KEY = "framestream-demo:model";

export interface Picking {
  models: Models | null;
  /** undefined is the deployment's own choice. */
  model: string | undefined;
  pick(model: string): void;
}

export function useModels(client: FrameStreamClient): Picking {
  const [models, setModels] = useState<Models | null>(null);
  const [picked, setPicked] = useState(() => recall(KEY));
  useEffect(() => {
    let isWanted = true;
    // A server of a former release knows none.
    client.models().then(
      (models) => isWanted && setModels(models),
      () => {},
    );
    return () => void (isWanted = false);
  }, [client]);
  const pick = (model: string) => {
    keep(KEY, model);
    setPicked(model);
  };
  // What was picked may be gone since.
  const model = models?.models.find(({ name }) => name === picked)?.name;
  return { models, model, pick };
}

export function ModelPicker({ models, model, pick }: Picking) {
  if (!models || models.models.length < 2) return null;
  return (
    <label className="model-picker">
      <span>Model</span>
      <select value={model ?? models.default} onChange={({ target }) => pick(target.value)}>
        {models.models.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
