import { createRoot } from "react-dom/client";
import "#kit/mantine-styles";
import "./styles.css";
import { App } from "./App.tsx";

const root = document.querySelector("#root");
if (root) createRoot(root).render(<App />);
