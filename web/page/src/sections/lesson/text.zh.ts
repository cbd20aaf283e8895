import { zh as dw } from "./dw/text.zh.ts";
import { zh as dx } from "./dx/text.zh.ts";
import { zh as forward } from "./forward/text.zh.ts";
import { zh as img2col } from "./img2col/text.zh.ts";
import { zh as learn } from "./learn/text.zh.ts";
import { zh as pooling } from "./pooling/text.zh.ts";

export const zh = {
  title: "课程",
  lead: "跟着课程走：每一个数都能点开，看它由哪些数算出，又用在哪里；输入都可以改，也可以故意弄错。",
  failed: "这一节没有算成。",
  formulas: "公式",
  reset: "恢复原样",
  extents: "参数",
  extent: {
    n: "批量 N",
    c: "通道 C",
    h: "输入的高 H",
    w: "输入的宽 W",
    k: "过滤器 K",
    r: "卷积核的高 R",
    s: "卷积核的宽 S",
    stride: "stride",
    padding: "padding",
    dilation: "空洞 dilation",
  },
  figure: {
    hint: "指向、触摸或用方向键选一个数；点一下钉住它。带“可改”的矩阵可以改数：钉住后改，或直接输入。",
    editable: "可改",
    given: "（已知）",
    zero: "（补的 0）",
    used: "用于 {{cells}}",
    unpin: "取消钉住",
    edit: "修改 {{name}}",
  },
  player: {
    title: "播放：{{label}}",
    first: "回到开头",
    back: "退一步",
    play: "播放",
    pause: "暂停",
    next: "进一步",
    at: "第 {{step}} 步，共 {{count}} 步",
  },
  copy: {
    as: "复制为",
    link: "复制本节链接",
    copied: "已复制",
    select: "浏览器不让复制，请选中下面的文字",
  },
  picture: {
    choose: "换一张自己的图片",
    unreadable: "浏览器读不出这张图片。",
  },
  breakIt: {
    title: "故意弄错",
    noRot180: "不旋转 180 度",
    noMean: "不 ÷ batch",
    zeroPadding: "padding 用 0 代替 −∞",
    assign: "用 = 代替 +=",
    check: "数值梯度检验",
    passes: "与数值梯度一致，最大相差 {{difference}}",
    fails: "与数值梯度不一致：{{count}} 个数错了，最大相差 {{difference}}",
    about: "每个数加减一个小量 ε，再算一次正向，损失的变化 (J(v+ε) − J(v−ε)) / 2ε 应当就是梯度。",
  },
  forward,
  dx,
  dw,
  img2col,
  pooling,
  learn,
};
