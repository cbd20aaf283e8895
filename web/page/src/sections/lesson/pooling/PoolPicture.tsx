import { useMemo, useState } from "preact/hooks";
import { formatNumber, t } from "../../../i18n/index.ts";
import { PlaneView } from "../../../ui/PlaneView.tsx";
import { type Picture, planesOf } from "../../lab/picture.ts";
import { OwnPicture } from "../OwnPicture.tsx";
import { Slider } from "../Sliders.tsx";
import { useLesson } from "../useLesson.ts";

const SIDE = 64;
const SCALE = { min: 0, max: 1, signed: false };

interface Props {
  readonly kind: "max" | "mean";
  readonly visible: boolean;
  readonly picture: Picture | undefined;
}

/** A picture, moved to the side if one likes, and what pooling makes of it. */
export function PoolPicture({ kind, visible, picture: given }: Props) {
  const [own, setOwn] = useState<Picture | undefined>(undefined);
  const picture = own ?? given;
  const [size, setSize] = useState(2);
  const [shift, setShift] = useState(1);
  const pixels = useMemo(() => planesOf(picture, SIDE, SIDE, "grey"), [picture]);
  const state = useMemo(
    () => ({ pixels, side: SIDE, kind, size, shift }),
    [pixels, kind, size, shift],
  );
  const { found } = useLesson("poolPicture", state, visible);
  const percent = (share: number) => `${formatNumber(100 * share, 2)} %`;
  return (
    <div class="pool-picture">
      <h4>{t("lesson.pooling.picture")}</h4>
      <OwnPicture onChoose={setOwn} />
      <div class="sliders">
        <Slider
          field="pool-shift"
          label={t("lesson.pooling.shift")}
          value={shift}
          min={0}
          max={4}
          onChange={setShift}
        />
        <Slider
          field="pool-size"
          label={t("lesson.pooling.size")}
          value={size}
          min={2}
          max={8}
          onChange={setSize}
        />
      </div>
      {found && (
        <>
          <div class="picture-pair">
            <PlaneView
              data={found.result.shifted}
              height={SIDE}
              width={SIDE}
              scale={SCALE}
              label={`x, ${SIDE}×${SIDE}`}
              prefix="x[0,0"
            />
            <PlaneView
              data={found.result.pooled}
              height={found.result.pooledSide}
              width={found.result.pooledSide}
              scale={SCALE}
              label={`w, ${found.result.pooledSide}×${found.result.pooledSide}`}
              prefix="w[0,0"
            />
          </div>
          <p role="status" class="changed">
            {t("lesson.pooling.changed", {
              shift: found.state.shift,
              before: percent(found.result.changedBefore),
              after: percent(found.result.changedAfter),
              side: found.result.pooledSide,
            })}
          </p>
        </>
      )}
    </div>
  );
}
