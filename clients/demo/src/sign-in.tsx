/** Choose who to be. A real page has a log-in here; the demo takes your word. */

import { useState, type FormEvent } from "react";
import { Mark } from "./mark.tsx";

interface Props {
  problem: string | null;
  onSignIn(userId: string): Promise<void>;
}

export function SignIn({ problem, onSignIn }: Props) {
  const [userId, setUserId] = useState("demo");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await onSignIn(userId.trim());
    setBusy(false);
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <Mark />
        <h1>Answers, as they are written</h1>
        <p>Ask something, open a second tab, pull the network plug: the text arrives, everywhere, once.</p>
        <label htmlFor="user">Demo user</label>
        <input
          id="user"
          value={userId}
          onChange={({ target }) => setUserId(target.value)}
          maxLength={64}
          required
          pattern=".*\S.*"
          autoComplete="username"
          autoFocus
        />
        <button className="primary" disabled={isBusy}>
          Sign in
        </button>
        {problem && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
      </form>
    </main>
  );
}
