// The citizens' chat page: the server writes the HTML, these are its styles and its behaviour.
import "../style/base.scss";
import "./chat.css";
import "./chat";
