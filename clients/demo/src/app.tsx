/** The page: sign in, then chat. */

import { useEffect, useState } from "react";
import { Home } from "./home.tsx";
import { findSite, remembered, signIn, signOut, type Session, type Site } from "./session.ts";
import { SignIn } from "./sign-in.tsx";

export function App() {
  const [site, setSite] = useState<Site | "unknown" | "missing">("unknown");
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const enter = async (at: Site, credential: string) => {
    try {
      setSession(await signIn(at, credential));
      setProblem(null);
    } catch {
      setProblem(
        at.signIn === "token" ? "This is not a token of a user." : "Signing in does not work right now.",
      );
    }
  };
  useEffect(() => {
    let isCurrent = true;
    const start = async () => {
      const found = await findSite().catch(() => "missing" as const);
      const credential = remembered();
      if (isCurrent && found !== "missing" && credential) await enter(found, credential);
      if (isCurrent) setSite(found);
    };
    void start();
    return () => {
      isCurrent = false;
    };
  }, []);

  if (site === "unknown")
    return (
      <p className="center" role="status">
        One moment …
      </p>
    );
  if (site === "missing")
    return (
      <main className="center" role="alert">
        <div>
          <h1>The system does not answer</h1>
          <p>Is it up?</p>
          <button onClick={() => location.reload()}>Try again</button>
        </div>
      </main>
    );
  if (!session)
    return (
      <SignIn
        withToken={site.signIn === "token"}
        problem={problem}
        onSignIn={(credential) => enter(site, credential)}
      />
    );
  const leave = () => {
    signOut(session);
    history.replaceState(null, "", "#/"); // Another user has other chats.
    setSession(null);
  };
  return <Home session={session} onLeave={leave} />;
}
