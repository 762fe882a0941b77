/** The page: sign in, then chat. */

import { useEffect, useState } from "react";
import { Chat } from "./chat.tsx";
import { rememberedUser, signIn, signOut, type Session } from "./session.ts";
import { SignIn } from "./sign-in.tsx";

export function App() {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isReturning, setReturning] = useState(() => rememberedUser() !== null);

  const enter = async (userId: string) => {
    try {
      setSession(await signIn(userId));
      setProblem(null);
    } catch {
      setProblem("Signing in does not work right now. Is the system up?");
    }
    setReturning(false);
  };
  useEffect(() => {
    let isCurrent = true;
    const userId = rememberedUser();
    if (userId) queueMicrotask(() => isCurrent && void enter(userId));
    return () => {
      isCurrent = false;
    };
  }, []);

  if (isReturning) return <p className="center">Signing in …</p>;
  if (!session) return <SignIn problem={problem} onSignIn={enter} />;
  const leave = () => {
    signOut(session);
    setSession(null);
  };
  return <Chat session={session} onLeave={leave} />;
}
