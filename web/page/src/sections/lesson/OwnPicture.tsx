import { useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { type Picture, readPicture } from "../lab/picture.ts";

interface Props {
  readonly onChoose: (picture: Picture) => void;
}

/** Takes a picture from a file; it stays in this page. */
export function OwnPicture({ onChoose }: Props) {
  const [unreadable, setUnreadable] = useState(false);
  const take = async (files: FileList | null) => {
    const [file] = files ?? [];
    if (!file) return;
    try {
      onChoose(await readPicture(file));
      setUnreadable(false);
    } catch {
      setUnreadable(true);
    }
  };
  return (
    <p class="own-picture">
      <label>
        <input
          type="file"
          accept="image/*"
          onChange={(event) => void take(event.currentTarget.files)}
        />
        <span>{t("lesson.picture.choose")}</span>
      </label>
      <span role="status">{unreadable && t("lesson.picture.unreadable")}</span>
    </p>
  );
}
