import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./styles/base.css";
import "./styles/sign-in.css";
import "./styles/layout.css";
import "./styles/sidebar.css";
import "./styles/conversation.css";
import "./styles/markdown.css";
import "./styles/panel.css";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
