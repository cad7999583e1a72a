import Glibc

/// How far two colours stand apart for the eye (WCAG 2.2, 1.4.3 and its definitions of contrast ratio and relative luminance).
package enum Contrast {
    /// A colour without transparency, in sRGB from 0 to 255.
    package struct Color: Hashable, Sendable, CustomStringConvertible {
        package let red: Double
        package let green: Double
        package let blue: Double

        package init(_ red: Double, _ green: Double, _ blue: Double) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        package var description: String { "rgb(\(Int(red.rounded())) \(Int(green.rounded())) \(Int(blue.rounded())))" }

        /// From 0 for black to 1 for white.
        package var luminance: Double {
            let linear = { (value: Double) in
                let share = value / 255
                return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        }
    }

    /// From 1 for the same to 21 for black and white; the order does not matter.
    package static func ratio(_ one: Color, _ other: Color) -> Double {
        let (dark, light) = (min(one.luminance, other.luminance), max(one.luminance, other.luminance))
        return (light + 0.05) / (dark + 0.05)
    }

    /// What text needs at least: 3 from 24 px on, or 18.66 px (14 points) in bold, else 4.5.
    package static func least(pixels: Double, weight: Double) -> Double {
        pixels >= 24 || (pixels >= 18.66 && weight >= 700) ? 3 : 4.5
    }
}

/// Text that is hard to read.
package struct ContrastFault: Hashable, Sendable, CustomStringConvertible {
    /// The element in short, such as `p.hint`.
    package let selector: String
    /// Its beginning.
    package let text: String
    package let color: Contrast.Color
    package let background: Contrast.Color
    package let ratio: Double
    package let least: Double

    package var description: String {
        "\(selector) “\(text)”: \(Double(Int(ratio * 100)) / 100) instead of \(least), \(color) on \(background)"
    }
}

extension BrowserSession {
    /// The visible text whose contrast is too low for WCAG 2.2 AA, placeholders included.
    ///
    /// The background is the first opaque one of the element and its ancestors, with what is translucent laid over it; pictures and
    /// gradients are not looked at. Switched-off controls are exempt, as they are in WCAG.
    package func contrastFaults() async throws(BrowserError) -> [ContrastFault] {
        let found = try await run(Self.contrastScript)
        return (found.array ?? []).compactMap { text in
            let colors = ["color", "background"].map { name in
                let parts = (text[name].array ?? []).compactMap(\.number)
                return parts.count == 3 ? Contrast.Color(parts[0], parts[1], parts[2]) : Contrast.Color(0, 0, 0)
            }
            let ratio = Contrast.ratio(colors[0], colors[1])
            let least = Contrast.least(pixels: text["pixels"].number ?? 0, weight: text["weight"].number ?? 400)
            guard ratio < least else { return nil }
            return ContrastFault(
                selector: text["selector"].string ?? "", text: text["text"].string ?? "", color: colors[0], background: colors[1],
                ratio: ratio, least: least)
        }
    }

    /// Colours are read off a canvas of one pixel, which knows every way in which CSS can write one.
    private static let contrastScript = """
        const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const known = new Map();
        function parse(color) {
            if (!known.has(color)) {
                canvas.clearRect(0, 0, 1, 1);
                canvas.fillStyle = '#000';
                canvas.fillStyle = color;
                canvas.fillRect(0, 0, 1, 1);
                const data = canvas.getImageData(0, 0, 1, 1).data;
                known.set(color, [data[0], data[1], data[2], data[3] / 255]);
            }
            return known.get(color);
        }
        const over = (top, alpha, under) => [0, 1, 2].map(i => top[i] * alpha + under[i] * (1 - alpha));
        // What the browser itself paints behind a page: another colour at night.
        const probe = document.documentElement.appendChild(document.createElement('span'));
        probe.style.backgroundColor = 'Canvas';
        const canvasColor = getComputedStyle(probe).backgroundColor;
        probe.remove();
        // What lies behind the element's text, and how opaque the element and all around it are.
        function behind(element) {
            const layers = [];
            let opacity = 1;
            for (let node = element; node; node = node.parentElement) {
                const style = getComputedStyle(node);
                const color = parse(style.backgroundColor);
                layers.push([color, color[3] * opacity]);
                opacity *= parseFloat(style.opacity);
                if (color[3] === 1 && opacity === 1) break;
            }
            let color = parse(canvasColor).slice(0, 3);
            for (const [layer, alpha] of layers.reverse()) color = over(layer, alpha, color);
            return [color, opacity];
        }
        function selector(element) {
            if (element.id) return element.localName + '#' + element.id;
            return element.localName + Array.from(element.classList, word => '.' + word).join('');
        }
        const texts = [];
        const told = new Set();
        function add(element, text, color) {
            const box = element.getBoundingClientRect();
            if (box.width <= 1 || box.height <= 1 || !text.trim()) return;
            if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })) return;
            if (element.closest(':disabled, [aria-disabled=true]')) return;
            const style = getComputedStyle(element);
            const [background, opacity] = behind(element);
            const front = parse(color || style.color);
            // Rows that look the same are told once.
            const look = [selector(element), style.fontSize, style.fontWeight, background, front, opacity].join(' ');
            if (told.has(look)) return;
            told.add(look);
            texts.push({
                selector: selector(element), text: text.trim().slice(0, 40), pixels: parseFloat(style.fontSize),
                weight: parseFloat(style.fontWeight), background: background, color: over(front, front[3] * opacity, background),
            });
        }
        for (const element of document.body.querySelectorAll('*')) {
            if (['script', 'style', 'noscript', 'template', 'option', 'title'].includes(element.localName)) continue;
            if (element.namespaceURI !== 'http://www.w3.org/1999/xhtml') continue;
            const own = Array.from(element.childNodes).filter(node => node.nodeType === 3).map(node => node.data).join(' ');
            if (element.matches('input:not([type=checkbox], [type=radio], [type=range], [type=color], [type=image]), textarea')) {
                if (element.value) add(element, element.value);
                else if (element.placeholder) add(element, element.placeholder, getComputedStyle(element, '::placeholder').color);
            } else if (element.localName === 'select') {
                add(element, element.selectedOptions.length ? element.selectedOptions[0].text : '');
            } else {
                add(element, own);
            }
        }
        return texts;
        """
}
